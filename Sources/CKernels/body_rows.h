// Kernels that work on rows. Included once per instruction set after body_vector.h.

// Runs the statements for each whole vector of a row, with the constant n = W, and once more for its tail of n < W values:
// a loop that also knew tails would compute n and look at it for every vector.
#define EACH_VECTOR(columns, i, n, ...)                                        \
  do {                                                                         \
    int64_t i = 0;                                                             \
    for (const int64_t n = W; i + n <= (columns); i += n) __VA_ARGS__          \
    if (i < (columns)) {                                                       \
      int64_t n = (columns) - i;                                               \
      __VA_ARGS__                                                              \
    }                                                                          \
  } while (0)
#define LOAD(p, n, fill) ((n) == W ? NAME(load)(p) : NAME(load_part)(p, n, fill))
#define STORE(p, x, n) ((n) == W ? NAME(store)(p, x) : NAME(store_part)(p, x, n))

// The sums of four and eight registers, pairwise: chains of two and three additions.
INLINE float NAME(sum_four)(const vec x[4]) { return NAME(sum)((x[0] + x[1]) + (x[2] + x[3])); }
INLINE float NAME(sum_eight)(const vec x[8]) {
  return NAME(sum)(((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])));
}

// One row of eight whole registers, read once and kept there: c_z of the published models is 128 = 8 × 16.
INLINE void NAME(normalize_eight)(const float *x, const float *gain, const float *offset, float epsilon, float *y) {
  vec row[8], squares[8];
  UNROLL for (int i = 0; i < 8; i++) row[i] = NAME(load)(x + i * W);
  float mean = NAME(sum_eight)(row) * (1.0f / (8 * W));
  // Two passes: the sum of squared differences does not cancel as E[x²] − mean² does.
  UNROLL for (int i = 0; i < 8; i++) {
    row[i] -= mean;
    squares[i] = row[i] * row[i];
  }
  float scale = 1.0f / sqrtf(NAME(sum_eight)(squares) * (1.0f / (8 * W)) + epsilon);
  UNROLL for (int i = 0; i < 8; i++)
    NAME(store)(y + i * W, row[i] * scale * NAME(load)(gain + i * W) + NAME(load)(offset + i * W));
}

// One row or two of any width, four sums of each at a time: what waits for sums, root and quotient of one row is filled by
// the other. A row's result does not depend on which it is.
INLINE void NAME(normalize)(const int rows, int64_t columns, const float *x, int64_t x_stride, const float *gain,
                            const float *offset, float epsilon, float *y, int64_t y_stride) {
  const float share = 1.0f / (float)columns;
  int64_t whole = columns / (4 * W) * (4 * W);
  vec total[2][4] = {}, squares[2][4] = {};
  float mean[2], scale[2];
  for (int64_t i = 0; i < whole; i += 4 * W)
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int j = 0; j < 4; j++)
      total[r][j] += NAME(load)(x + r * x_stride + i + j * W);
  UNROLL for (int r = 0; r < rows; r++) {
    EACH_VECTOR(columns - whole, i, n, { total[r][0] += LOAD(x + r * x_stride + whole + i, n, 0); });
    mean[r] = NAME(sum_four)(total[r]) * share;
  }
  for (int64_t i = 0; i < whole; i += 4 * W)
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int j = 0; j < 4; j++) {
      vec d = NAME(load)(x + r * x_stride + i + j * W) - mean[r];
      squares[r][j] += d * d;
    }
  UNROLL for (int r = 0; r < rows; r++) {
    EACH_VECTOR(columns - whole, i, n, {
      vec d = LOAD(x + r * x_stride + whole + i, n, mean[r]) - mean[r];
      squares[r][0] += d * d;
    });
    scale[r] = 1.0f / sqrtf(NAME(sum_four)(squares[r]) * share + epsilon);
  }
  EACH_VECTOR(columns, i, n, {
    vec g = LOAD(gain + i, n, 0), o = LOAD(offset + i, n, 0);
    UNROLL for (int r = 0; r < rows; r++) {
      vec normal = (LOAD(x + r * x_stride + i, n, 0) - mean[r]) * scale[r];
      STORE(y + r * y_stride + i, normal * g + o, n);
    }
  });
}

// Rows of a column of pairs are as far apart as lines of z are long, so the processor does not foresee the next one.
#define ROWS_AHEAD 4

static void NAME(layer_norm)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, const float *gain,
                             const float *offset, float epsilon, float *y, int64_t y_stride) {
  int64_t step = columns == 8 * W ? 1 : 2;
  for (int64_t r = 0; r < rows; r += step) {
    const float *from = x + r * x_stride;
    float *to = y + r * y_stride;
    if (x_stride > columns)
      for (int64_t ahead = r + ROWS_AHEAD; ahead < r + ROWS_AHEAD + step && ahead < rows; ahead++)
        for (int64_t i = 0; i < columns; i += 16) __builtin_prefetch(x + ahead * x_stride + i);
    if (step == 1) NAME(normalize_eight)(from, gain, offset, epsilon, to);
    else if (r + 1 < rows) NAME(normalize)(2, columns, from, x_stride, gain, offset, epsilon, to, y_stride);
    else NAME(normalize)(1, columns, from, x_stride, gain, offset, epsilon, to, y_stride);
  }
}

// x = scale·x + bias in place; returns the largest value, ignoring NaNs.
INLINE float NAME(scores)(int64_t columns, float *x, float scale, const float *bias) {
  vec top = NAME(splat)(-INFINITY);
  // A loop of its own with bias: it would look for one at every vector.
#define EACH_SCORE(...)                                                             \
  EACH_VECTOR(columns, i, n, {                                                      \
    vec score = __VA_ARGS__;                                                        \
    STORE(x + i, score, n);                                                         \
    top = NAME(max)(n == W ? score : NAME(keep_part)(score, n, -INFINITY), top);    \
  })
  if (bias) EACH_SCORE(LOAD(x + i, n, 0) * scale + LOAD(bias + i, n, 0));
  else EACH_SCORE(LOAD(x + i, n, 0) * scale);
#undef EACH_SCORE
  return NAME(largest)(top);
}

static void NAME(softmax_numerators)(int64_t rows, int64_t columns, float *x, int64_t x_stride, float scale,
                                     const float *bias, int64_t bias_stride, float *reciprocal_sums) {
  for (int64_t r = 0; r < rows; r++, x += x_stride) {
    float largest = NAME(scores)(columns, x, scale, bias ? bias + r * bias_stride : 0);
    vec total = {};
    EACH_VECTOR(columns, i, n, {
      vec e = NAME(exp_below)(LOAD(x + i, n, 0) - largest);
      STORE(x + i, e, n);
      total += n == W ? e : NAME(keep_part)(e, n, 0);
    });
    reciprocal_sums[r] = 1.0f / NAME(sum)(total);
  }
}

static void NAME(scale_rows)(int64_t rows, int64_t columns, float *x, int64_t x_stride, const float *factors) {
  for (int64_t r = 0; r < rows; r++, x += x_stride)
    EACH_VECTOR(columns, i, n, { STORE(x + i, LOAD(x + i, n, 0) * factors[r], n); });
}

static void NAME(add_scaled)(int64_t count, float factor, const float *x, float *y) {
  EACH_VECTOR(count, i, n, { STORE(y + i, LOAD(y + i, n, 0) + LOAD(x + i, n, 0) * factor, n); });
}

static void NAME(gate_rows)(int64_t rows, int64_t columns, const float *gate, int64_t gate_stride, float *x,
                            int64_t x_stride) {
  for (int64_t r = 0; r < rows; r++, x += x_stride, gate += gate_stride)
    EACH_VECTOR(columns, i, n, { STORE(x + i, LOAD(x + i, n, 0) * NAME(sigmoid)(LOAD(gate + i, n, 0)), n); });
}

static void NAME(add_gated_rows)(int64_t rows, int64_t columns, const float *gate, int64_t gate_stride, const float *x,
                                 int64_t x_stride, float *y, int64_t y_stride) {
  for (int64_t r = 0; r < rows; r++, x += x_stride, y += y_stride, gate += gate_stride)
    EACH_VECTOR(columns, i, n, {
      STORE(y + i, LOAD(y + i, n, 0) + LOAD(x + i, n, 0) * NAME(sigmoid)(LOAD(gate + i, n, 0)), n);
    });
}

static void NAME(rotate)(int64_t rows, int64_t heads, int64_t half, float scale, const float *cosines,
                         const float *sines, float *x, int64_t x_stride) {
  for (int64_t r = 0; r < rows; r++, cosines += half, sines += half)
    for (int64_t h = 0; h < heads; h++) {
      float *first = x + r * x_stride + h * 2 * half, *second = first + half;
      EACH_VECTOR(half, i, n, {
        vec u = LOAD(first + i, n, 0) * scale, w = LOAD(second + i, n, 0) * scale;
        vec c = LOAD(cosines + i, n, 0), s = LOAD(sines + i, n, 0);
        STORE(first + i, u * c - w * s, n);
        STORE(second + i, w * c + u * s, n);
      });
    }
}

static void NAME(add_squared_distances)(int64_t dimensions, int64_t count, const float *point, const float *points,
                                        int64_t points_stride, float factor, float *y) {
  EACH_VECTOR(count, i, n, {
    vec total = {};
    for (int64_t d = 0; d < dimensions; d++) {
      vec difference = point[d] - LOAD(points + d * points_stride + i, n, 0);
      total += difference * difference;
    }
    STORE(y + i, LOAD(y + i, n, 0) + total * factor, n);
  });
}

static void NAME(products_and_differences)(int64_t rows, int64_t columns, const float *q, int64_t q_stride,
                                           const float *k, float *y, int64_t y_stride) {
  for (int64_t r = 0; r < rows; r++, q += q_stride, y += y_stride)
    EACH_VECTOR(columns, i, n, {
      vec u = LOAD(q + i, n, 0), w = LOAD(k + i, n, 0);
      STORE(y + i, u * w, n);
      STORE(y + columns + i, u - w, n);
    });
}
