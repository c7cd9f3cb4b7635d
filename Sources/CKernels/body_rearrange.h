// Transposes and conversions. Included once per instruction set after body_rows.h and body_gemm.h.

INLINE void NAME(transpose_block)(int64_t height, int64_t width, const float *restrict x, int64_t x_stride,
                                  float *restrict y, int64_t y_stride) {
  oct block[8] = {};
  if (height == 8 && width == 8) {
    // With constant counts the block stays in registers.
    UNROLL for (int j = 0; j < 8; j++) block[j] = *(const oct *)(x + j * x_stride);
    NAME(transpose_octs)(block);
    UNROLL for (int j = 0; j < 8; j++) *(oct *)(y + j * y_stride) = block[j];
    return;
  }
  for (int64_t j = 0; j < height; j++) memcpy(&block[j], x + j * x_stride, (size_t)width * 4);
  NAME(transpose_octs)(block);
  for (int64_t j = 0; j < width; j++) memcpy(y + j * y_stride, &block[j], (size_t)height * 4);
}

static void NAME(transpose)(int64_t rows, int64_t columns, const float *restrict x, int64_t x_stride,
                            float *restrict y, int64_t y_stride) {
  // 8 × 8 blocks through registers. The side with the longer stride (channel-major pairs: megabytes, often a power of two)
  // is finished eight rows at a time, so that its cache lines are complete before their set is evicted.
  bool y_is_wide = y_stride > x_stride;
  int64_t outer = y_is_wide ? columns : rows, inner = y_is_wide ? rows : columns;
  for (int64_t o = 0; o < outer; o += 8)
    for (int64_t i = 0; i < inner; i += 8) {
      int64_t r = y_is_wide ? i : o, c = y_is_wide ? o : i;
      int64_t height = rows - r < 8 ? rows - r : 8, width = columns - c < 8 ? columns - c : 8;
      NAME(transpose_block)(height, width, x + r * x_stride + c, x_stride, y + c * y_stride + r, y_stride);
    }
}

static void NAME(widen)(int64_t count, const void *x, ck_type type, float *y) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) *(oct *)(y + i) = NAME(widen_oct)(x, type, i);
  for (; i < count; i++) y[i] = NAME(widen_one)(x, type, i);
}
