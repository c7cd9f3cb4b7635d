// The kernels `blas`: float32 products by OpenBLAS, everything else by the best of our own kernels for the machine.
//
// The library is loaded when the set is asked for, so nobody else waits for it. It computes each product on the calling thread:
// how work is divided is the program's business.

#define _POSIX_C_SOURCE 200809L

#include "CKernels.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Values of CBLAS's enumerations.
enum { column_major = 102, no_transpose = 111 };

static struct {
  void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc);
  void (*set_num_threads)(int);
  const char *(*get_config)(void);
  const char *(*get_corename)(void);
} library;

/// The set whose rows, packing and bfloat16 are used.
static const ck_kernels *own;
static ck_kernels blas;
/// What was loaded, or why nothing was.
static char words[512];
static bool is_loaded;

// Columns of a packed panel, one product each. OpenBLAS packs the left operand once more for each of them.
enum { PANEL = 128 };

// Values of a row that are widened at once: with as many rows as the transposition takes, 16 KiB of the stack.
enum { STEP = 128, ROWS = 32 };

static void pack_transposed(int64_t columns, int64_t depth, const void *b, int64_t ldb, ck_type type, float *packed) {
  float wide[ROWS * STEP];
  int64_t size = type == ck_float32 ? 4 : 2;
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL, packed += PANEL * depth) {
    int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
    if (here < PANEL) memset(packed, 0, (size_t)(PANEL * depth) * sizeof(float));
    for (int64_t n = 0; n < here; n += ROWS) {
      int64_t rows = here - n < ROWS ? here - n : ROWS;
      for (int64_t k = 0; k < depth; k += STEP) {
        int64_t count = depth - k < STEP ? depth - k : STEP;
        const char *corner = (const char *)b + ((n0 + n) * ldb + k) * size;
        if (type == ck_float32) {
          own->transpose(rows, count, (const float *)corner, ldb, packed + k * PANEL + n, PANEL);
          continue;
        }
        for (int64_t row = 0; row < rows; row++) own->widen(count, corner + row * ldb * size, type, wide + row * STEP);
        own->transpose(rows, count, wide, STEP, packed + k * PANEL + n, PANEL);
      }
    }
  }
}

static void pack(int64_t columns, int64_t depth, const float *b, int64_t ldb, float *packed) {
  for (int64_t n0 = 0; n0 < columns; n0 += PANEL) {
    size_t here = (size_t)(columns - n0 < PANEL ? columns - n0 : PANEL);
    for (int64_t k = 0; k < depth; k++, packed += PANEL) {
      memcpy(packed, b + k * ldb + n0, here * sizeof(float));
      memset(packed + here, 0, (PANEL - here) * sizeof(float));
    }
  }
}

static void gemm(int64_t rows, int64_t columns, int64_t depth, const float *a, int64_t lda, const float *packed_b,
                 float *c, int64_t ldc, const ck_epilogue *epilogue) {
  // The library counts in int. Strides beyond that are those of single rows.
  int64_t most = lda > INT_MAX || ldc > INT_MAX ? 1 : INT_MAX;
  for (int64_t m = 0; depth > 0 && m < rows; m += most) {
    int64_t height = rows - m < most ? rows - m : most;
    const float *panel = packed_b;
    for (int64_t n0 = 0; n0 < columns; n0 += PANEL, panel += PANEL * depth) {
      int64_t here = columns - n0 < PANEL ? columns - n0 : PANEL;
      // As columns, cᵀ = panelᵀ aᵀ: OpenBLAS 0.3.34 adds wrongly to an output by rows on processors with SME.
      library.sgemm(column_major, no_transpose, no_transpose, (int)here, (int)height, (int)depth, 1, panel, PANEL,
                    a + m * lda, most == 1 ? (int)depth : (int)lda, epilogue->accumulate ? 1 : 0, c + m * ldc + n0,
                    most == 1 ? (int)here : (int)ldc);
    }
  }
  // The product with nothing, added to what is there, leaves the rest of the epilogue.
  ck_epilogue rest = *epilogue;
  rest.accumulate = depth > 0 || epilogue->accumulate;
  if (depth == 0 || rest.bias || rest.activation != ck_identity)
    own->gemm(rows, columns, 0, a, lda, packed_b, c, ldc, &rest);
}

/// Whether products of whole numbers, which no order of adding rounds, are exact, with and without adding to the output.
static bool is_right(void) {
  enum { MOST = 13, DEPTH = 17 };
  float a[MOST * DEPTH], b[DEPTH * PANEL], c[MOST * PANEL];
  for (int i = 0; i < MOST * DEPTH; i++) a[i] = (float)(i % 11 - 5);
  for (int i = 0; i < DEPTH * PANEL; i++) b[i] = (float)(i % 13 - 6);
  for (int rows = 1; rows <= MOST; rows++) {
    for (int adds = 0; adds < 2; adds++) {
      for (int i = 0; i < rows * PANEL; i++) c[i] = (float)(i % 7);
      ck_epilogue epilogue = {.accumulate = adds};
      gemm(rows, PANEL, DEPTH, a, DEPTH, b, c, PANEL, &epilogue);
      for (int i = 0; i < rows * PANEL; i++) {
        float sum = adds ? (float)(i % 7) : 0;
        for (int k = 0; k < DEPTH; k++) sum += a[i / PANEL * DEPTH + k] * b[k * PANEL + i % PANEL];
        if (c[i] != sum) return false;
      }
    }
  }
  return true;
}

static void load(void) {
  // Threads of its own would only wait. It looks once, when it is loaded.
  bool was_set = getenv("OPENBLAS_NUM_THREADS") != 0;
  if (!was_set) setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *file = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!file) {
    // What is wrong with the usual one is of interest; the next call overwrites it.
    const char *reason = dlerror();
    snprintf(words, sizeof words, "%s", reason ? reason : "libopenblas.so.0 cannot be loaded");
    file = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  }
  if (!was_set) unsetenv("OPENBLAS_NUM_THREADS");
  if (!file) return;
  const struct {
    const char *name;
    void *place;
  } functions[] = {
      {"cblas_sgemm", &library.sgemm},
      {"openblas_set_num_threads", &library.set_num_threads},
      {"openblas_get_config", &library.get_config},
      {"openblas_get_corename", &library.get_corename},
  };
  for (size_t number = 0; number < sizeof functions / sizeof functions[0]; number++) {
    void *function = dlsym(file, functions[number].name);
    if (!function) {
      snprintf(words, sizeof words, "libopenblas.so.0 has no function %s", functions[number].name);
      return;
    }
    memcpy(functions[number].place, &function, sizeof function);
  }
  library.set_num_threads(1);
  // The first two words are name and version.
  const char *config = library.get_config(), *end = strchr(config, ' ');
  if (end) end = strchr(end + 1, ' ');
  int length = snprintf(words, sizeof words, "%.*s, kernels %s", end ? (int)(end - config) : (int)strlen(config), config,
                        library.get_corename());

  own = ck_best();
  blas = *own;
  blas.name = "blas";
  blas.panel_width = PANEL;
  blas.pack_transposed = pack_transposed;
  blas.pack = pack;
  blas.gemm = gemm;
  // There have been builds and processors where it is not.
  is_loaded = is_right();
  if (!is_loaded && length > 0 && (size_t)length < sizeof words)
    snprintf(words + length, sizeof words - (size_t)length, ", whose products are wrong");
}

const ck_kernels *ck_blas(const char **description) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (description) *description = words;
  return is_loaded ? &blas : 0;
}
