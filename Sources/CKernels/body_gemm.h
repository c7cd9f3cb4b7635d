// Packed float32 matrix products. Included once per instruction set after body_vector.h, with PANEL_VECTORS defined:
// a panel of b is PANEL_VECTORS registers wide, and a tile of 6 rows × one panel of c lives in registers while k runs.
// 6 × 4 accumulators + 4 values of b + 1 broadcast = 29 of AVX-512's 32 registers (6 × 2 + 2 + 1 = 15 of AVX2's 16).

#define TILE_ROWS 6
#define PANEL (PANEL_VECTORS * W)

// === Packing ===

typedef float NAME(oct) __attribute__((vector_size(32), aligned(4)));
#define oct NAME(oct)

INLINE float NAME(half_to_float)(uint16_t h) {
  // Shift the 15 bits of magnitude into place and rescale: exact for subnormals too. Exponent 31 means Inf or NaN.
  uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13, sign = (uint32_t)(h & 0x8000) << 16;
  if ((h & 0x7c00) == 0x7c00) magnitude |= 0x7f800000u;
  float scaled, result;
  memcpy(&scaled, &magnitude, 4);
  if ((h & 0x7c00) != 0x7c00) scaled *= 0x1p112f;
  memcpy(&magnitude, &scaled, 4);
  magnitude |= sign;
  memcpy(&result, &magnitude, 4);
  return result;
}

INLINE float NAME(widen_one)(const void *x, ck_type type, int64_t i) {
  if (type == ck_float32) return ((const float *)x)[i];
  uint16_t bits = ((const uint16_t *)x)[i];
  if (type == ck_float16) return NAME(half_to_float)(bits);
  uint32_t wide = (uint32_t)bits << 16;
  float result;
  memcpy(&result, &wide, 4);
  return result;
}

INLINE oct NAME(widen_oct)(const void *x, ck_type type, int64_t i) {
  if (type == ck_float32) return *(const oct *)((const float *)x + i);
  oct result;
  if (type == ck_bfloat16) {
    typedef uint16_t shorts __attribute__((vector_size(16), aligned(2)));
    typedef uint32_t words __attribute__((vector_size(32)));
    return (oct)(__builtin_convertvector(*(const shorts *)((const uint16_t *)x + i), words) << 16);
  }
#if HAS_F16C
  if (type == ck_float16) {
    typedef _Float16 halves __attribute__((vector_size(16), aligned(2)));
    return __builtin_convertvector(*(const halves *)((const uint16_t *)x + i), oct);
  }
#endif
  UNROLL for (int j = 0; j < 8; j++) result[j] = NAME(widen_one)(x, type, i + j);
  return result;
}

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// Transposes 8 rows of 8 values in three rounds of interleaving.
INLINE void NAME(transpose_octs)(oct r[8]) {
  oct t[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    t[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[i + 1] = SHUFFLE(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i += 4) UNROLL for (int j = 0; j < 2; j++) {
    r[i + j] = SHUFFLE(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    r[i + j + 2] = SHUFFLE(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    t[i] = SHUFFLE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    t[i + 4] = SHUFFLE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  UNROLL for (int i = 0; i < 8; i++) r[i] = t[i];
}

INLINE void NAME(pack_panel)(int64_t n0, int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type,
                             float *panel) {
  int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL, n = 0;
  for (; n + 8 <= here; n += 8) {
    int64_t k = 0;
    for (; k + 8 <= depth; k += 8) {
      oct r[8];
      UNROLL for (int j = 0; j < 8; j++) r[j] = NAME(widen_oct)(b, type, (n0 + n + j) * ldb + k);
      NAME(transpose_octs)(r);
      UNROLL for (int j = 0; j < 8; j++) *(oct *)(panel + (k + j) * PANEL + n) = r[j];
    }
    for (; k < depth; k++)
      for (int j = 0; j < 8; j++) panel[k * PANEL + n + j] = NAME(widen_one)(b, type, (n0 + n + j) * ldb + k);
  }
  for (int64_t k = 0; k < depth; k++)
    for (int64_t j = n; j < PANEL; j++)
      panel[k * PANEL + j] = j < here ? NAME(widen_one)(b, type, (n0 + j) * ldb + k) : 0;
}

static void NAME(pack_transposed)(int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type,
                                  float *packed) {
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL, packed += PANEL * depth) {
    // One copy of the loop per type, so that the conversion is not a branch inside it.
    if (type == ck_float32) NAME(pack_panel)(n0, columns, depth, b, ldb, ck_float32, packed);
    else if (type == ck_float16) NAME(pack_panel)(n0, columns, depth, b, ldb, ck_float16, packed);
    else NAME(pack_panel)(n0, columns, depth, b, ldb, ck_bfloat16, packed);
  }
}

static void NAME(pack)(int64_t columns, int64_t depth, const float *b, int64_t ldb, float *packed) {
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL) {
    int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
    for (int64_t k = 0; k < depth; k++, packed += PANEL) {
      const float *row = b + k * ldb + n0;
      if (here == PANEL) {
        memcpy(packed, row, PANEL * 4);
      } else {
        memset(packed, 0, PANEL * 4);
        memcpy(packed, row, (size_t)here * 4);
      }
    }
  }
}

// === Product ===

INLINE vec NAME(activate)(vec x, ck_activation activation) {
  if (activation == ck_relu) return NAME(max)((vec){}, x);
  if (activation == ck_gelu) return NAME(gelu)(x);
  return x;
}

// Stores n ≤ W columns of a product with its epilogue at an element of c, which is bfloat16 if `narrow`.
INLINE void NAME(finish)(void *c, int64_t at, vec x, vec offset, int64_t n, bool narrow, bool accumulate,
                         ck_activation activation) {
  float *to = (float *)c + at;
  if (accumulate && !narrow) x += n >= W ? NAME(load)(to) : NAME(load_part)(to, n, 0);
  x = NAME(activate)(x + offset, activation);
  if (narrow) NAME(store_narrow)((uint16_t *)c + at, x, n);
  else if (n >= W) NAME(store)(to, x);
  else NAME(store_part)(to, x, n);
}

// The end of a tile whose last vector is not whole, or whose activation is long: from memory, so that the register
// loops of every tile need no code for it. Rows of `sums` are PANEL apart.
static __attribute__((noinline)) void NAME(finish_part)(int64_t rows, int64_t columns, const float *sums, void *c,
                                                        int64_t ldc, bool narrow, const ck_epilogue *epilogue,
                                                        const float *bias) {
  for (int64_t j = 0; j < columns; j += W) {
    int64_t n = columns - j;
    vec offset = !bias ? (vec){} : n >= W ? NAME(load)(bias + j) : NAME(load_part)(bias + j, n, 0);
    for (int64_t i = 0; i < rows; i++)
      NAME(finish)(c, i * ldc + j, NAME(load)(sums + i * PANEL + j), offset, n, narrow, epilogue->accumulate,
                   epilogue->activation);
  }
}

// The end of a tile of whole vectors. All but the pointers are constants where it is inlined.
INLINE void NAME(finish_whole)(const int rows, const int vectors, vec sums[TILE_ROWS][PANEL_VECTORS], void *c,
                               int64_t ldc, const float *bias, const bool narrow, const bool accumulate,
                               const ck_activation activation) {
  UNROLL for (int j = 0; j < vectors; j++) {
    vec offset = bias ? NAME(load)(bias + j * W) : (vec){};
    UNROLL for (int i = 0; i < rows; i++)
      NAME(finish)(c, i * ldc + j * W, sums[i][j], offset, W, narrow, accumulate, activation);
  }
}

// The end of a tile: a loop of its own for each common one.
INLINE void NAME(finish_tile)(const int rows, const int vectors, int64_t columns, vec sums[TILE_ROWS][PANEL_VECTORS],
                              void *c, int64_t ldc, bool narrow, const ck_epilogue *epilogue, const float *bias) {
#define WHOLE(narrow, accumulate, activation) \
  NAME(finish_whole)(rows, vectors, sums, c, ldc, bias, narrow, accumulate, activation)
  bool accumulate = epilogue->accumulate, relu = epilogue->activation == ck_relu;
  if (columns < vectors * W || epilogue->activation == ck_gelu || (accumulate && relu)) {
    float values[TILE_ROWS * PANEL];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++)
      NAME(store)(values + i * PANEL + j * W, sums[i][j]);
    int64_t here = columns < vectors * W ? columns : vectors * W;
    NAME(finish_part)(rows, here, values, c, ldc, narrow, epilogue, bias);
  } else if (narrow) {
    if (relu) WHOLE(true, false, ck_relu);
    else WHOLE(true, false, ck_identity);
  } else if (relu) {
    WHOLE(false, false, ck_relu);
  } else if (accumulate) {
    WHOLE(false, true, ck_identity);
  } else {
    WHOLE(false, false, ck_identity);
  }
#undef WHOLE
}

// The register loop is bound by the instructions that a core can begin in a clock: four on many, half of six where two
// threads share the core. So it has little but loads and products: four steps for each jump, and two pointers with a
// distance of rows, from which six rows are addressed without arithmetic.
#define EACH_STEP(depth, k) _Pragma("clang loop unroll_count(4)") for (int64_t k = 0; k < (depth); k++)
// Keeps a pointer in a register: the compiler does not know that it could be computed from another one.
#define KEEP_POINTER(p) __asm__("" : "+r"(p))

// One tile: `rows` × `vectors` registers of c. Both are constants where it is inlined.
INLINE void NAME(tile)(const int rows, const int vectors, int64_t columns, int64_t depth, const float *restrict a,
                       int64_t lda, const float *restrict b, float *restrict c, int64_t ldc,
                       const ck_epilogue *epilogue, const float *bias) {
  vec sums[TILE_ROWS][PANEL_VECTORS];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = (vec){};
  const float *restrict lower = rows > 3 ? a + 3 * lda : a;
  KEEP_POINTER(lower);
  EACH_STEP(depth, k) {
    vec bk[PANEL_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) bk[j] = NAME(load)(b + j * W);
    UNROLL for (int i = 0; i < rows; i++) {
      vec ak = NAME(splat)(i < 3 ? a[i * lda] : lower[(i - 3) * lda]);
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] += ak * bk[j];
    }
    a++, lower++, b += PANEL;
  }
  NAME(finish_tile)(rows, vectors, columns, sums, c, ldc, false, epilogue, bias);
}

// One function for each tile size that a remainder can need: the register loops are unrolled only for constants.
#define TILES(vectors) \
  TILE(1, vectors) TILE(2, vectors) TILE(3, vectors) TILE(4, vectors) TILE(5, vectors) TILE(6, vectors)
#if PANEL_VECTORS == 4
#define EACH_TILE TILES(1) TILES(2) TILES(3) TILES(4)
#else
#define EACH_TILE TILES(1) TILES(2)
#endif

typedef void (*NAME(tile_function))(int64_t, int64_t, const float *, int64_t, const float *, float *, int64_t,
                                    const ck_epilogue *, const float *);
#define TILE(rows, vectors)                                                                                      \
  static void NAME(tile_##rows##x##vectors)(int64_t columns, int64_t depth, const float *a, int64_t lda,         \
                                            const float *b, float *c, int64_t ldc, const ck_epilogue *epilogue,  \
                                            const float *bias) {                                                 \
    NAME(tile)(rows, vectors, columns, depth, a, lda, b, c, ldc, epilogue, bias);                                \
  }
EACH_TILE

#undef TILE
#define TILE(rows, vectors) [vectors - 1][rows - 1] = NAME(tile_##rows##x##vectors),
static const NAME(tile_function) NAME(tiles)[PANEL_VECTORS][TILE_ROWS] = {EACH_TILE};
#undef TILE

// Divides rows into as few tiles as will do, of equal heights: `least` rows each, one more for those that begin before row
// `higher`. A last tile of one or two rows would take as long as one of four, which has enough sums to multiply
// without waiting for the one before.
INLINE void NAME(share_rows)(int64_t rows, int64_t *least, int64_t *higher) {
  int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  *least = tiles > 0 ? rows / tiles : 0;
  *higher = (rows - *least * tiles) * (*least + 1);
}

static void NAME(gemm)(int64_t rows, int64_t columns, int64_t depth, const float *a, int64_t lda, const float *packed_b,
                       float *c, int64_t ldc, const ck_epilogue *epilogue) {
  // Panels in the outer loop, rows in the inner one: a panel stays in the L1 cache while every row is multiplied by it.
  int64_t least, higher;
  NAME(share_rows)(rows, &least, &higher);
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL, packed_b += PANEL * depth) {
    int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
    const NAME(tile_function) *tiles = NAME(tiles)[(here + W - 1) / W - 1];
    const float *bias = epilogue->bias ? epilogue->bias + n0 : 0;
    for (int64_t m = 0, height; m < rows; m += height) {
      height = m < higher ? least + 1 : least;
      tiles[height - 1](here, depth, a + m * lda, lda, packed_b, c + m * ldc + n0, ldc, epilogue, bias);
    }
  }
}
