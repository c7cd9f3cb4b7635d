// Chooses an instruction set at run time. __builtin_cpu_supports also asks the operating system (XCR0), so the kernels
// returned here can run.

#include "CKernels.h"

#include <string.h>

extern const ck_kernels ck_base_kernels;
#if defined(__x86_64__)
extern const ck_kernels ck_v3_kernels, ck_v4_kernels, ck_v4bf16_kernels;
#endif

const ck_kernels *ck_find(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "v4bf16") == 0 && __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16"))
    return &ck_v4bf16_kernels;
  if (strcmp(name, "v4") == 0 && __builtin_cpu_supports("x86-64-v4")) return &ck_v4_kernels;
  if (strcmp(name, "v3") == 0 && __builtin_cpu_supports("x86-64-v3")) return &ck_v3_kernels;
#endif
  if (strcmp(name, "blas") == 0) return ck_blas(0);
  return strcmp(name, "base") == 0 ? &ck_base_kernels : 0;
}

const ck_kernels *ck_best(void) {
  static const char *const names[] = {"v4bf16", "v4", "v3"};
  for (int i = 0; i < 3; i++) {
    const ck_kernels *found = ck_find(names[i]);
    if (found) return found;
  }
  return &ck_base_kernels;
}
