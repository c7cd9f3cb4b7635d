// The kernels for x86-64-v3: AVX2, FMA, F16C.

#include "CKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(x) ck_v3_##x
#define VECTOR_WIDTH 8
#define PANEL_VECTORS 2
#define HAS_F16C 1
#define HAS_BF16 0
#define ISA_NAME "v3"
#include "kernels_body.h"
#pragma clang attribute pop
#endif
