// Transposes and conversions. Included once per instruction set after body_rows.h and body_gemm.h.

static void NAME(transpose)(int64_t rows, int64_t columns, const float *restrict x, int64_t x_stride,
                            float *restrict y, int64_t y_stride) {
  // 8 × 8 blocks through registers.
  for (int64_t r0 = 0; r0 < rows; r0 += 8)
    for (int64_t c0 = 0; c0 < columns; c0 += 8) {
      int64_t height = rows - r0 < 8 ? rows - r0 : 8, width = columns - c0 < 8 ? columns - c0 : 8;
      oct block[8] = {};
      for (int64_t j = 0; j < height; j++) {
        const float *from = x + (r0 + j) * x_stride + c0;
        if (width == 8) block[j] = *(const oct *)from;
        else memcpy(&block[j], from, (size_t)width * 4);
      }
      NAME(transpose_octs)(block);
      for (int64_t j = 0; j < width; j++) {
        float *to = y + (c0 + j) * y_stride + r0;
        if (height == 8) *(oct *)to = block[j];
        else memcpy(to, &block[j], (size_t)height * 4);
      }
    }
}

static void NAME(widen)(int64_t count, const void *x, ck_type type, float *y) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) *(oct *)(y + i) = NAME(widen_oct)(x, type, i);
  for (; i < count; i++) y[i] = NAME(widen_one)(x, type, i);
}
