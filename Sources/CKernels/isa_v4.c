// The kernels for x86-64-v4: AVX-512 F, BW, CD, DQ, VL.

#include "CKernels.h"

#if defined(__x86_64__)
#if __clang_major__ >= 21
// Without no-prefer-256-bit the compiler would split every vector in two.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))), apply_to = function)
#else
// Compilers before Swift 6.3 do not know that word. Without arch= they need it not.
#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,f16c,fma,lzcnt,movbe,avx512f,avx512bw,avx512cd,avx512dq,avx512vl"))), \
    apply_to = function)
#endif
#define NAME(x) ck_v4_##x
#define VECTOR_WIDTH 16
#define PANEL_VECTORS 4
#define HAS_F16C 1
#define HAS_BF16 0
#define ISA_NAME "v4"
#include "kernels_body.h"
#pragma clang attribute pop
#endif
