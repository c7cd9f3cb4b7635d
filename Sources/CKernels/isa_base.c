// The kernels for any machine: 128-bit vectors (SSE2 on x86-64, NEON on arm64).

#include "CKernels.h"

#define NAME(x) ck_base_##x
#define VECTOR_WIDTH 4
#if defined(__aarch64__)
#define PANEL_VECTORS 4
#define HAS_F16C 1
#else
#define PANEL_VECTORS 2
#define HAS_F16C 0
#endif
#define HAS_BF16 0
#define ISA_NAME "base"
#include "kernels_body.h"
