// How many processors this process may run on.

#define _GNU_SOURCE
#include "CKernels.h"

#include <sched.h>
#include <unistd.h>

int64_t ck_processors(void) {
  cpu_set_t set;
  // The call fails on a machine with more processors than the set has bits; the number online is then the best answer.
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return sysconf(_SC_NPROCESSORS_ONLN);
}
