// CRC-32 of zip files: by carry-less multiplication where the processor has it, else with tables.

#include "CKernels.h"


#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// The generator polynomial, bits in reverse order (APPNOTE 6.3, 4.4.7).
static const uint32_t polynomial = 0xEDB88320;

static uint32_t by_bits(uint32_t state, const uint8_t *bytes, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    state ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) state = state >> 1 ^ (state & 1 ? polynomial : 0);
  }
  return state;
}

/// Eight bytes at a time (Kounavis and Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation",
/// 2008). The tables are made for each call: that is little beside a megabyte.
static uint32_t by_tables(uint32_t state, const uint8_t *bytes, int64_t count) {
  uint32_t table[8][256];
  for (uint32_t i = 0; i < 256; i++) {
    uint8_t byte = (uint8_t)i;
    table[0][i] = by_bits(0, &byte, 1);
  }
  for (int k = 1; k < 8; k++)
    for (int i = 0; i < 256; i++) table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
  for (; count >= 8; bytes += 8, count -= 8) {
    uint32_t low = (bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24) ^ state;
    state = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24]
      ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
  }
  return by_bits(state, bytes, count);
}

#if defined(__x86_64__)

#define FOLD(x, k, next) \
  _mm_xor_si128( \
    _mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), next)

static inline __m128i load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

/// Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009; the constants are
/// those of its section on the reflected polynomial of gzip. `count` is a multiple of 16, at least 64.
__attribute__((target("sse4.1,pclmul"))) static uint32_t by_products(
  uint32_t state, const uint8_t *bytes, int64_t count) {
  const __m128i by512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), by128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i by64 = _mm_set_epi64x(0, 0x0163cd6124), barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i low32 = _mm_setr_epi32(~0, 0, ~0, 0);
  __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)state)), b = load(bytes + 16);
  __m128i c = load(bytes + 32), d = load(bytes + 48);
  for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64) {
    a = FOLD(a, by512, load(bytes));
    b = FOLD(b, by512, load(bytes + 16));
    c = FOLD(c, by512, load(bytes + 32));
    d = FOLD(d, by512, load(bytes + 48));
  }
  a = FOLD(a, by128, b);
  a = FOLD(a, by128, c);
  a = FOLD(a, by128, d);
  for (; count >= 16; bytes += 16, count -= 16) a = FOLD(a, by128, load(bytes));
  // From 128 bits to 64, to 32.
  a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, by128, 0x10));
  a = _mm_xor_si128(_mm_srli_si128(a, 4), _mm_clmulepi64_si128(_mm_and_si128(a, low32), by64, 0x00));
  b = _mm_clmulepi64_si128(_mm_and_si128(a, low32), barrett, 0x10);
  b = _mm_clmulepi64_si128(_mm_and_si128(b, low32), barrett, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, b), 1);
}

#endif

uint32_t ck_crc32(uint32_t crc, const void *data, int64_t count, bool portable) {
  const uint8_t *bytes = data;
  uint32_t state = ~crc;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!portable && count >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
    int64_t most = count & ~(int64_t)15;
    state = by_products(state, bytes, most);
    bytes += most;
    count -= most;
  }
#endif
  state = count < 4096 ? by_bits(state, bytes, count) : by_tables(state, bytes, count);
  return ~state;
}
