// Products of bfloat16 operands with float32 sums. Included once per instruction set after body_gemm.h and body_rows.h.
//
// Two neighbouring values along k make one 32-bit unit: a row of the left operand is read a unit at a time, a panel of
// the right operand holds units where a float32 panel holds floats. An odd depth is padded with a zero. HAS_BF16 selects
// the instruction that multiplies and adds both halves of sixteen units; without it the arithmetic is spelled out.

// sums + a₀b₀ + a₁b₁ for each unit.
INLINE vec NAME(dot)(vec sums, vec a, vec b) {
#if HAS_BF16
  return (vec)_mm512_dpbf16_ps((__m512)sums, (__m512bh)a, (__m512bh)b);
#else
  const int32_t high = (int32_t)0xffff0000;
  sums += (vec)((veci)a << 16) * (vec)((veci)b << 16);
  return sums + (vec)((veci)a & high) * (vec)((veci)b & high);
#endif
}

static void NAME(narrow)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, uint16_t *y,
                         int64_t y_stride) {
  for (int64_t r = 0; r < rows; r++, x += x_stride, y += y_stride) {
    EACH_VECTOR(columns, i, n, { NAME(store_narrow)(y + i, LOAD(x + i, n, 0), n); });
    if (columns & 1) y[columns] = 0;
  }
}

// === Packing ===

// Sixteen values starting at i as eight units; the first `n` values are valid.
INLINE oct NAME(units)(const void *b, ck_type type, int64_t i, int64_t n) {
  uint16_t narrow[16] = {};
  if (type == ck_bfloat16) {
    memcpy(narrow, (const uint16_t *)b + i, (size_t)n * 2);
  } else {
    float wide[16] = {};
    if (n == 16) {
      *(oct *)wide = NAME(widen_oct)(b, type, i);
      *(oct *)(wide + 8) = NAME(widen_oct)(b, type, i + 8);
    } else {
      for (int64_t j = 0; j < n; j++) wide[j] = NAME(widen_one)(b, type, i + j);
    }
    UNROLL for (int j = 0; j < 16; j += W) *(vech *)(narrow + j) = NAME(narrow_vec)(NAME(load)(wide + j));
  }
  oct result;
  memcpy(&result, narrow, 32);
  return result;
}

// Eight columns of a panel, `columns` of which exist, of eight units each, of which `left` values exist.
INLINE void NAME(pack_block_bf16)(int64_t columns, int64_t left, const void *b, int64_t at, int64_t ldb, ck_type type,
                                  float *panel) {
  oct r[8] = {};
  UNROLL for (int64_t j = 0; j < 8; j++)
    if (j < columns) r[j] = NAME(units)(b, type, at + j * ldb, left);
  NAME(transpose_octs)(r);
  UNROLL for (int64_t j = 0; j < 8; j++)
    if (2 * j < left) *(oct *)(panel + j * PANEL) = r[j];
}

// At the edges, where counts vary.
static __attribute__((noinline)) void NAME(pack_edge_bf16)(int64_t columns, int64_t left, const void *b, int64_t at,
                                                           int64_t ldb, ck_type type, float *panel) {
  NAME(pack_block_bf16)(columns, left, b, at, ldb, type, panel);
}

INLINE void NAME(pack_panel_bf16)(int64_t n0, int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type,
                                  float *panel) {
  int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
  for (int64_t n = 0; n < PANEL; n += 8)
    for (int64_t k = 0; k < depth; k += 16) {
      int64_t left = depth - k < 16 ? depth - k : 16, at = (n0 + n) * ldb + k;
      float *to = panel + k / 2 * PANEL + n;
      // With constant counts the block stays in registers.
      if (left == 16 && here - n >= 8) NAME(pack_block_bf16)(8, 16, b, at, ldb, type, to);
      else NAME(pack_edge_bf16)(here - n, left, b, at, ldb, type, to);
    }
}

static void NAME(pack_transposed_bf16)(int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type,
                                       void *packed) {
  float *panel = packed;
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL, panel += PANEL * ((depth + 1) / 2)) {
    if (type == ck_float32) NAME(pack_panel_bf16)(n0, columns, depth, b, ldb, ck_float32, panel);
    else if (type == ck_float16) NAME(pack_panel_bf16)(n0, columns, depth, b, ldb, ck_float16, panel);
    else NAME(pack_panel_bf16)(n0, columns, depth, b, ldb, ck_bfloat16, panel);
  }
}

static void NAME(pack_bf16)(int64_t columns, int64_t depth, const float *b, int64_t ldb, void *packed) {
  float *to = packed;
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL) {
    int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
    for (int64_t k = 0; k < depth; k += 2, to += PANEL) {
      const float *even = b + k * ldb + n0;
      // Vectors of a panel beyond the last column are never read.
      EACH_VECTOR(here, i, n, {
        vec u = LOAD(even + i, n, 0), w = k + 1 < depth ? LOAD(even + ldb + i, n, 0) : (vec){};
        veci low = __builtin_convertvector(NAME(narrow_vec)(u), veci);
        veci high = __builtin_convertvector(NAME(narrow_vec)(w), veci) << 16;
        NAME(store)(to + i, (vec)(low | high));
      });
    }
  }
}

// === Product ===

INLINE vec NAME(splat_unit)(const uint16_t *p) {
  int32_t unit;
  memcpy(&unit, p, 4);
  return (vec)((veci){} + unit);
}

INLINE void NAME(tile_bf16)(const int rows, const int vectors, int64_t columns, int64_t units, const uint16_t *a,
                            int64_t lda, const float *restrict b, void *restrict c, int64_t ldc, bool narrow,
                            const ck_epilogue *epilogue, const float *bias) {
  vec sums[TILE_ROWS][PANEL_VECTORS];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = (vec){};
  const uint16_t *lower = rows > 3 ? a + 3 * lda : a;
  KEEP_POINTER(lower);
  EACH_STEP(units, k) {
    vec bk[PANEL_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) bk[j] = NAME(load)(b + j * W);
    UNROLL for (int i = 0; i < rows; i++) {
      vec ak = NAME(splat_unit)(i < 3 ? a + i * lda : lower + (i - 3) * lda);
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = NAME(dot)(sums[i][j], ak, bk[j]);
    }
    a += 2, lower += 2, b += PANEL;
  }
  NAME(finish_tile)(rows, vectors, columns, sums, c, ldc, narrow, epilogue, bias);
}

typedef void (*NAME(tile_bf16_function))(int64_t, int64_t, const uint16_t *, int64_t, const float *, void *, int64_t,
                                         bool, const ck_epilogue *, const float *);
#undef TILE
#define TILE(rows, vectors)                                                                                         \
  static void NAME(tile_bf16_##rows##x##vectors)(int64_t columns, int64_t units, const uint16_t *a, int64_t lda,    \
                                                 const float *b, void *c, int64_t ldc, bool narrow,                 \
                                                 const ck_epilogue *epilogue, const float *bias) {                  \
    NAME(tile_bf16)(rows, vectors, columns, units, a, lda, b, c, ldc, narrow, epilogue, bias);                      \
  }
EACH_TILE

#undef TILE
#define TILE(rows, vectors) [vectors - 1][rows - 1] = NAME(tile_bf16_##rows##x##vectors),
static const NAME(tile_bf16_function) NAME(tiles_bf16)[PANEL_VECTORS][TILE_ROWS] = {EACH_TILE};
#undef TILE

static void NAME(gemm_bf16)(int64_t rows, int64_t columns, int64_t depth, const uint16_t *a, int64_t lda,
                            const void *packed_b, void *c, int64_t ldc, bool narrow, const ck_epilogue *epilogue) {
  const float *panel = packed_b;
  int64_t units = (depth + 1) / 2, least, higher;
  NAME(share_rows)(rows, &least, &higher);
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL, panel += PANEL * units) {
    int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
    const NAME(tile_bf16_function) *tiles = NAME(tiles_bf16)[(here + W - 1) / W - 1];
    const float *bias = epilogue->bias ? epilogue->bias + n0 : 0;
    char *corner = (char *)c + n0 * (narrow ? 2 : 4);
    for (int64_t m = 0, height; m < rows; m += height) {
      height = m < higher ? least + 1 : least;
      tiles[height - 1](here, units, a + m * lda, lda, panel, corner + m * ldc * (narrow ? 2 : 4), ldc, narrow,
                        epilogue, bias);
    }
  }
  // The padding that an odd number of columns needs as the next product's operand.
  if (narrow && columns & 1)
    for (int64_t m = 0; m < rows; m++) ((uint16_t *)c)[m * ldc + columns] = 0;
}

// === Softmax and transposes between the two formats ===

static void NAME(softmax_numerators_bf16)(int64_t rows, int64_t columns, float *x, int64_t x_stride, float scale,
                                          const float *bias, int64_t bias_stride, uint16_t *y, int64_t y_stride,
                                          float *reciprocal_sums) {
  for (int64_t r = 0; r < rows; r++, x += x_stride, y += y_stride) {
    float largest = NAME(scores)(columns, x, scale, bias ? bias + r * bias_stride : 0);
    vec total = {};
    EACH_VECTOR(columns, i, n, {
      vec e = NAME(exp_below)(LOAD(x + i, n, 0) - largest);
      NAME(store_narrow)(y + i, e, n);
      total += n == W ? e : NAME(keep_part)(e, n, 0);
    });
    if (columns & 1) y[columns] = 0;
    reciprocal_sums[r] = 1.0f / NAME(sum)(total);
  }
}

// The side with the longer stride, channel-major pairs, is finished eight rows at a time: see `transpose`. Both work on blocks
// whose counts are constants where they are whole, so that these stay in registers.

INLINE void NAME(transpose_narrow_block)(int64_t height, int64_t width, const float *restrict x, int64_t x_stride,
                                         uint16_t *restrict y, int64_t y_stride) {
  oct block[2][8] = {};
  UNROLL for (int j = 0; j < 16; j++) {
    if (j < height && width == 8) block[j / 8][j % 8] = *(const oct *)(x + j * x_stride);
    else if (j < height) memcpy(&block[j / 8][j % 8], x + j * x_stride, (size_t)width * 4);
  }
  NAME(transpose_octs)(block[0]);
  NAME(transpose_octs)(block[1]);
  UNROLL for (int j = 0; j < 8; j++) {
    float line[16];
    uint16_t narrow[16];
    *(oct *)line = block[0][j];
    *(oct *)(line + 8) = block[1][j];
    UNROLL for (int i = 0; i < 16; i += W) *(vech *)(narrow + i) = NAME(narrow_vec)(NAME(load)(line + i));
    if (j < width) memcpy(y + j * y_stride, narrow, (size_t)height * 2);
  }
}

static void NAME(transpose_narrow)(int64_t rows, int64_t columns, const float *restrict x, int64_t x_stride,
                                   uint16_t *restrict y, int64_t y_stride) {
  for (int64_t c = 0; c < columns; c += 8)
    for (int64_t r = 0; r < rows; r += 16) {
      int64_t height = rows - r < 16 ? rows - r : 16, width = columns - c < 8 ? columns - c : 8;
      const float *from = x + r * x_stride + c;
      uint16_t *to = y + c * y_stride + r;
      if (height == 16 && width == 8) NAME(transpose_narrow_block)(16, 8, from, x_stride, to, y_stride);
      else NAME(transpose_narrow_block)(height, width, from, x_stride, to, y_stride);
    }
}

INLINE void NAME(transpose_widen_block)(int64_t height, int64_t width, const uint16_t *restrict x, int64_t x_stride,
                                        float *restrict y, int64_t y_stride) {
  oct block[8] = {};
  UNROLL for (int j = 0; j < 8; j++) {
    uint16_t narrow[8] = {};
    if (j < height) memcpy(narrow, x + j * x_stride, (size_t)width * 2);
    block[j] = NAME(widen_oct)(narrow, ck_bfloat16, 0);
  }
  NAME(transpose_octs)(block);
  UNROLL for (int j = 0; j < 8; j++)
    if (j < width) memcpy(y + j * y_stride, &block[j], (size_t)height * 4);
}

static void NAME(transpose_widen)(int64_t rows, int64_t columns, const uint16_t *restrict x, int64_t x_stride,
                                  float *restrict y, int64_t y_stride) {
  for (int64_t r = 0; r < rows; r += 8)
    for (int64_t c = 0; c < columns; c += 8) {
      int64_t height = rows - r < 8 ? rows - r : 8, width = columns - c < 8 ? columns - c : 8;
      const uint16_t *from = x + r * x_stride + c;
      float *to = y + c * y_stride + r;
      if (height == 8 && width == 8) NAME(transpose_widen_block)(8, 8, from, x_stride, to, y_stride);
      else NAME(transpose_widen_block)(height, width, from, x_stride, to, y_stride);
    }
}
