// Chooses an instruction set at run time. __builtin_cpu_supports also asks the operating system (XCR0), so a kernel that
// this returns can run.

#include "CKernels.h"

#include <string.h>

extern const ck_kernels ck_base_kernels;
#if defined(__x86_64__)
extern const ck_kernels ck_v3_kernels, ck_v4_kernels;
#endif

const ck_kernels *ck_find(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "v4") == 0 && __builtin_cpu_supports("x86-64-v4")) return &ck_v4_kernels;
  if (strcmp(name, "v3") == 0 && __builtin_cpu_supports("x86-64-v3")) return &ck_v3_kernels;
#endif
  return strcmp(name, "base") == 0 ? &ck_base_kernels : 0;
}

const ck_kernels *ck_best(void) {
  const ck_kernels *best = ck_find("v4");
  if (!best) best = ck_find("v3");
  return best ? best : &ck_base_kernels;
}
