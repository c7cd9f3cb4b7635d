// The compiler's vector types, and elementary functions on them. Included once per instruction set with
// VECTOR_WIDTH and NAME(x) defined.

#include <math.h>
#include <stdint.h>
#include <string.h>
#if VECTOR_WIDTH >= 8
#include <immintrin.h>
#endif

#define W VECTOR_WIDTH
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float NAME(vec) __attribute__((vector_size(W * 4), aligned(4)));
typedef int32_t NAME(veci) __attribute__((vector_size(W * 4), aligned(4)));
#define vec NAME(vec)
#define veci NAME(veci)

INLINE vec NAME(splat)(float x) { return (vec)(x - (vec){}); }
INLINE vec NAME(load)(const float *p) { return *(const vec *)p; }
INLINE void NAME(store)(float *p, vec x) { *(vec *)p = x; }

// The first n < W values; the rest is `fill`. What lies behind them is neither read nor written.
#if VECTOR_WIDTH == 16
INLINE vec NAME(load_part)(const float *p, int64_t n, float fill) {
  return (vec)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), (__mmask16)((1u << n) - 1), p);
}
INLINE void NAME(store_part)(float *p, vec x, int64_t n) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
}
#else
// Copies by the powers of two in n: a few moves, where memcpy of a variable size is a call.
INLINE void NAME(copy_part)(float *to, const float *from, int64_t n) {
  UNROLL for (int step = W / 2; step > 0; step /= 2)
    if (n & step) {
      memcpy(to, from, (size_t)step * 4);
      to += step, from += step;
    }
}
#if VECTOR_WIDTH == 8
INLINE vec NAME(load_part)(const float *p, int64_t n, float fill) {
  __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  return (vec)_mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), (__m256)mask);
}
#else
INLINE vec NAME(load_part)(const float *p, int64_t n, float fill) {
  vec x = NAME(splat)(fill);
  NAME(copy_part)((float *)&x, p, n);
  return x;
}
#endif
// On some processors a masked store of AVX2 takes longer than this.
INLINE void NAME(store_part)(float *p, vec x, int64_t n) { NAME(copy_part)(p, (const float *)&x, n); }
#endif

INLINE vec NAME(select)(veci mask, vec yes, vec no) { return (vec)(((veci)yes & mask) | ((veci)no & ~mask)); }
// The first n values; the rest becomes `fill`.
INLINE vec NAME(keep_part)(vec x, int64_t n, float fill) {
  static const int32_t places[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return NAME(select)(*(const veci *)places < (int32_t)n, x, NAME(splat)(fill));
}
// One instruction each, whose result is b when either operand is NaN: a NaN in b is kept, one in a is dropped.
INLINE vec NAME(max)(vec a, vec b) { return NAME(select)(a > b, a, b); }
INLINE vec NAME(min)(vec a, vec b) { return NAME(select)(a < b, a, b); }

// Horizontal reductions by halving, so that the order is fixed for a given width.
typedef float NAME(quad) __attribute__((vector_size(16), aligned(4)));
#define quad NAME(quad)

INLINE float NAME(sum_quad)(quad x) {
  x += __builtin_shufflevector(x, x, 2, 3, 0, 1);
  return x[0] + x[1];
}
INLINE float NAME(sum)(vec x) {
#if VECTOR_WIDTH == 16
  typedef float half __attribute__((vector_size(32)));
  half y = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
           __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
#elif VECTOR_WIDTH == 8
  vec y = x;
#endif
#if VECTOR_WIDTH >= 8
  return NAME(sum_quad)(__builtin_shufflevector(y, y, 0, 1, 2, 3) + __builtin_shufflevector(y, y, 4, 5, 6, 7));
#else
  return NAME(sum_quad)(x);
#endif
}
INLINE float NAME(largest)(vec x) {
  float v[W];
  memcpy(v, &x, sizeof v);
  UNROLL for (int step = W / 2; step > 0; step /= 2) UNROLL for (int i = 0; i < step; i++) v[i] =
      v[i] > v[i + step] ? v[i] : v[i + step];
  return v[0];
}

// e^x for −87 ≤ x ≤ 88, as CKernels.h promises; NaN stays NaN. x · log₂ e = n + r, |r| ≤ ½, and the polynomial is
// (2^r − 1) / r, the fit of Scripts/fit-kernels.py: 1 is added last, so that e^0 is 1.
INLINE vec NAME(exp_within)(vec x) {
  const float log2_e = 1.44269504088896341f;
  // 1.5 · 2^23 + 127: adding it rounds to an integer, and its last bits are then the exponent of 2^n.
  const vec magic = NAME(splat)(12583039.0f);
  vec n = x * log2_e + magic;
  vec power = (vec)((veci)n << 23);
  n -= magic;
  // Where the instruction is fused, the product is exact, and nothing is lost by the difference.
  vec r = x * log2_e - n;
  vec p = NAME(splat)(1.3264653e-3f);
  p = p * r + 9.671526e-3f;
  p = p * r + 5.5507343e-2f;
  p = p * r + 2.4022242e-1f;
  p = p * r + 6.93147e-1f;
  p *= r;
  // Adding to the exponent's bits would turn some NaNs into numbers.
  return p * power + power;
}

// The same of every x ≤ 88: what is less than −87 gives e^−87.
INLINE vec NAME(exp_below)(vec x) { return NAME(exp_within)(NAME(max)(NAME(splat)(-87.0f), x)); }

INLINE vec NAME(sigmoid)(vec x) { return 1.0f / (1.0f + NAME(exp_below)(NAME(min)(NAME(splat)(88.0f), -x))); }

// erf(|x|) = 1 − exp(|x| · P(|x|)), P fitted to log(erfc x) / x on [0, 4] (Scripts/fit-kernels.py); about 2e-7 absolute,
// which is all the accuracy that cancellation in 1 + erf(x) leaves in float32 anyway.
INLINE vec NAME(erf)(vec x) {
  vec u = (vec)((veci)x & 0x7fffffff);
  u = NAME(min)(NAME(splat)(4.0f), u);
  vec p = NAME(splat)(9.946278e-8f);
  p = p * u - 2.518737e-6f;
  p = p * u + 2.8390294e-5f;
  p = p * u - 1.8635794e-4f;
  p = p * u + 7.667068e-4f;
  p = p * u - 1.813417e-3f;
  p = p * u + 2.4718273e-4f;
  p = p * u + 1.9128649e-2f;
  p = p * u - 1.02775835e-1f;
  p = p * u - 6.366192e-1f;
  p = p * u - 1.1283792f;
  vec magnitude = 1.0f - NAME(exp_within)(p * u);
  return (vec)((veci)magnitude | ((veci)x & (int32_t)0x80000000));
}

INLINE vec NAME(gelu)(vec x) { return 0.5f * x * (1.0f + NAME(erf)(x * 0.70710678118654752f)); }

// === bfloat16 ===

typedef uint16_t NAME(vech) __attribute__((vector_size(W * 2), aligned(2)));
#define vech NAME(vech)

// Bits of x rounded to the nearest bfloat16, ties to even, still in the upper half of 32 bits. The carry of the addition
// would turn some NaNs into zeros, so these become all ones, which is a NaN too.
INLINE veci NAME(round_bf16)(vec x) {
  veci bits = (veci)x;
  return (bits + 0x7fff + ((bits >> 16) & 1)) | (x != x);
}

INLINE vech NAME(narrow_vec)(vec x) {
#if HAS_BF16
  return (vech)_mm512_cvtneps_pbh((__m512)x);
#else
  return __builtin_convertvector((NAME(round_bf16)(x) >> 16) & 0xffff, vech);
#endif
}

INLINE void NAME(store_narrow)(uint16_t *to, vec x, int64_t n) {
  vech narrow = NAME(narrow_vec)(x);
  if (n >= W) *(vech *)to = narrow;
  else memcpy(to, &narrow, (size_t)n * 2);
}
