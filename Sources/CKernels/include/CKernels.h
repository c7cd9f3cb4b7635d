// Every SIMD kernel of the project, one prototype each, with its contract.
//
// The kernels exist once in source (body_*.h) and are compiled once for each instruction set; a table of function
// pointers is chosen at run time. All matrices are row-major float32 unless a name says otherwise; `ld…` and `…_stride`
// are distances between rows, in elements. Pointers need no alignment beyond their element's. Outputs must not overlap
// inputs unless the contract allows it. A count of zero is a no-op. No kernel allocates, throws or keeps state, so a
// result depends on its arguments and the instruction set alone, never on the number of threads.
//
// NaN propagates: a result is NaN if any value that it depends on is, with every activation and in both formats, so
// a damaged weight or an overflow reaches the final check. Infinities follow the arithmetic; where a function is
// clamped, its contract says what infinities give.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// Element types that a packing kernel can read.
typedef enum ck_type { ck_float32 = 0, ck_float16 = 1, ck_bfloat16 = 2 } ck_type;

/// Activations that a product can end with.
typedef enum ck_activation {
  ck_identity = 0,
  /// The larger of x and 0.
  ck_relu = 1,
  /// Exact GELU, x/2 · (1 + erf(x/√2)); within 1.3e-7 · |x| of the exact value. −∞ gives NaN, 0 · ∞, as in PyTorch.
  ck_gelu = 2,
} ck_activation;

/// What happens to a product before it is stored: c = activation(product + (accumulate ? c : 0) + bias).
typedef struct ck_epilogue {
  /// One value per column, or NULL.
  const float *bias;
  ck_activation activation;
  bool accumulate;
} ck_epilogue;

/// One instruction set's kernels.
typedef struct ck_kernels {
  /// "base", "v3" (AVX2 + FMA + F16C), "v4" (AVX-512), "v4bf16" (with AVX512_BF16) or "blas".
  const char *name;
  /// Floats in a vector register.
  int64_t vector_width;
  /// Columns of one packed panel of float32 values, and of bfloat16 values.
  int64_t panel_width, panel_width_bf16;

  // === Matrix products (body_gemm.h) ===

  /// Packs `b` for `gemm`: `columns` × `depth` values, b[n · ldb + k] in `type`, transposed into panels of
  /// `panel_width` columns: panel p holds, for each k, the values of columns p·width … p·width + width − 1, zero-padded.
  /// `packed` takes ⌈columns / width⌉ · width · depth floats. Float16 and bfloat16 are widened exactly.
  void (*pack_transposed)(int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type, float *packed);
  /// The same for b given as depth × columns, b[k · ldb + n].
  void (*pack)(int64_t columns, int64_t depth, const float *b, int64_t ldb, float *packed);
  /// c[rows × columns] = epilogue(a[rows × depth] · b), b packed. Each value is summed over k in ascending order; "blas" sums as
  /// its library does, which may depend on the number of rows and on a row's place among them.
  void (*gemm)(int64_t rows, int64_t columns, int64_t depth, const float *a, int64_t lda, const float *packed_b,
               float *c, int64_t ldc, const ck_epilogue *epilogue);

  // === Rows (body_rows.h) ===

  /// y = (x − mean) / √(variance + epsilon) · gain + offset for each row; the variance is that of the population.
  /// y may be x when the strides agree. Up to 5120 columns, each value is within 1e-6 of |gain| · (the row's largest |x|) /
  /// √(variance + epsilon) + |offset|. A row with a NaN or an infinity becomes NaN.
  void (*layer_norm)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, const float *gain,
                     const float *offset, float epsilon, float *y, int64_t y_stride);
  /// Softmax numerators of each row in place, x = exp(scale·x + bias − max), and their reciprocal sums, one per row.
  /// `bias` may be NULL. From −87 to 0, e^x is within (2.1e-7 + 1.4e-8 · |x|) · e^x of the exact value (with 7.5e-8 on a processor
  /// that rounds a product before it adds to it): what x itself was rounded by is as much. Below −87 it stays at
  /// e⁻⁸⁷ = 1.6e-38, also for a score of −∞.
  /// The reciprocal sum of a row that has a NaN or +∞, or is all −∞, is NaN, as the softmax of such a row is.
  void (*softmax_numerators)(int64_t rows, int64_t columns, float *x, int64_t x_stride, float scale, const float *bias,
                             int64_t bias_stride, float *reciprocal_sums);
  /// x[row] *= factors[row].
  void (*scale_rows)(int64_t rows, int64_t columns, float *x, int64_t x_stride, const float *factors);
  /// y += x · factor.
  void (*add_scaled)(int64_t count, float factor, const float *x, float *y);
  /// x *= σ(gate), row by row. From −87 on, σ(x) is within (2.7e-7 + 1.4e-8 · max(−x, 0)) · σ(x) of the exact value (with
  /// 7.5e-8 as for softmax); below −88 it stays at σ(−88) = 6.1e-39.
  void (*gate_rows)(int64_t rows, int64_t columns, const float *gate, int64_t gate_stride, float *x, int64_t x_stride);
  /// y += x · σ(gate), row by row.
  void (*add_gated_rows)(int64_t rows, int64_t columns, const float *gate, int64_t gate_stride, const float *x,
                         int64_t x_stride, float *y, int64_t y_stride);
  /// Rotary position embedding of `heads` heads of width 2·half in each row, in place, after multiplying by `scale`:
  /// (u, w) → (u·cos − w·sin, w·cos + u·sin) for u in the first and w in the second half of a head.
  /// cos, sin: [rows, half]. Within 1.8e-7 · |scale| · (|u| + |w|) for cosines and sines of magnitude up to 1.
  void (*rotate)(int64_t rows, int64_t heads, int64_t half, float scale, const float *cosines, const float *sines,
                 float *x, int64_t x_stride);
  /// y[j] += factor · Σ_d (point[d] − points[d · points_stride + j])².
  void (*add_squared_distances)(int64_t dimensions, int64_t count, const float *point, const float *points,
                                int64_t points_stride, float factor, float *y);
  /// y[r] = q[r] · k followed by q[r] − k: `columns` products, then as many differences in each row.
  void (*products_and_differences)(int64_t rows, int64_t columns, const float *q, int64_t q_stride, const float *k,
                                   float *y, int64_t y_stride);

  // === Rearrangement (body_rearrange.h) ===

  /// y[c · y_stride + r] = x[r · x_stride + c].
  void (*transpose)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, float *y, int64_t y_stride);
  /// x widened to float32.
  void (*widen)(int64_t count, const void *x, ck_type type, float *y);

  // === bfloat16 operands, float32 sums (body_bf16.h) ===
  //
  // Rounding is to nearest, ties to even, with overflow to infinity; NaN stays NaN. Numbers below 1.2e-38 may be
  // flushed to zero. A left operand's rows hold an even number of values: an odd last one is followed by a zero, for
  // which the stride must leave space.

  /// Whether products of bfloat16 are faster than those of float32; without the instruction they are slower.
  bool has_fast_bf16;
  /// y = x in bfloat16, row by row.
  void (*narrow)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, uint16_t *y, int64_t y_stride);
  /// As pack_transposed, into panels of pairs along k: ⌈columns / width⌉ · width · ⌈depth / 2⌉ · 4 bytes.
  void (*pack_transposed_bf16)(int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type, void *packed);
  /// As pack, into panels of pairs along k; vectors of the last panel that hold no column are left unwritten.
  void (*pack_bf16)(int64_t columns, int64_t depth, const float *b, int64_t ldb, void *packed);
  /// As gemm; with `narrow`, c is bfloat16 and the epilogue does not accumulate. `depth` is that of the packing.
  void (*gemm_bf16)(int64_t rows, int64_t columns, int64_t depth, const uint16_t *a, int64_t lda, const void *packed_b,
                    void *c, int64_t ldc, bool narrow, const ck_epilogue *epilogue);
  /// As softmax_numerators, with the numerators written to y in bfloat16; x is overwritten.
  void (*softmax_numerators_bf16)(int64_t rows, int64_t columns, float *x, int64_t x_stride, float scale,
                                  const float *bias, int64_t bias_stride, uint16_t *y, int64_t y_stride,
                                  float *reciprocal_sums);
  /// y[c · y_stride + r] = x[r · x_stride + c] in bfloat16.
  void (*transpose_narrow)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, uint16_t *y,
                           int64_t y_stride);
  /// y[c · y_stride + r] = x[r · x_stride + c] in float32.
  void (*transpose_widen)(int64_t rows, int64_t columns, const uint16_t *x, int64_t x_stride, float *y,
                          int64_t y_stride);
} ck_kernels;

/// The kernels named `name`, or NULL when this build lacks them or this machine cannot run them. Loads OpenBLAS for "blas".
const ck_kernels *ck_find(const char *name);

/// The kernels "blas", whose float32 products are OpenBLAS's, or NULL where it cannot be loaded; `description`, unless it is NULL,
/// becomes its version and kernels, or the reason.
const ck_kernels *ck_blas(const char **description);

/// The best of our own kernels for this machine.
const ck_kernels *ck_best(void);

/// CRC-32 of zip files (reflected polynomial 0xEDB88320) of `count` bytes, after bytes of which it is `crc`; 0 for none.
/// `portable` computes it without instructions that not every processor has.
uint32_t ck_crc32(uint32_t crc, const void *data, int64_t count, bool portable);

/// Lets the other thread of this core go ahead; for loops that wait.
static inline void ck_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

/// Processors that this process may use according to its affinity; at least 1 if the system can tell.
int64_t ck_processors(void);

#endif
