// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/tile_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>

namespace mrmllm::packed {

#if defined(__x86_64__)
namespace {

// No lambdas below: a lambda does not inherit the target of the function around it.
#define MRMLLM_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define MRMLLM_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

// Four bytes in every lane; as an operand of a multiplication it costs nothing.
#define MRMLLM_BROADCAST4(from) _mm512_set1_epi32(Bytes4(from))

inline int32_t Bytes4(const void* from) {
  int32_t value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// What the quantised products have in common: for every row the integer dot product of the group's
// codes. Unsigned weights times signed inputs, exact in 32 bits.
MRMLLM_VNNI inline __attribute__((always_inline)) __m512i Dot(const __m512i* w, const int8_t* x,
                                                              __m512i start, bool two_chains) {
  if (!two_chains) {
    for (int k = 0; k < 8; ++k) {
      start = _mm512_dpbusd_epi32(start, w[k], MRMLLM_BROADCAST4(x + 4 * k));
    }
    return start;
  }
  __m512i other = _mm512_setzero_si512();
  for (int k = 0; k < 8; k += 2) {
    start = _mm512_dpbusd_epi32(start, w[k], MRMLLM_BROADCAST4(x + 4 * k));
    other = _mm512_dpbusd_epi32(other, w[k + 1], MRMLLM_BROADCAST4(x + 4 * k + 4));
  }
  return _mm512_add_epi32(start, other);
}

// Bytes ahead of a block's reader that are asked for from memory: one row is done before the
// hardware's own prefetching has caught up.
constexpr int64_t kPrefetchBytes = 4096;

template <int kRows>
MRMLLM_VNNI void Int8Tile(const uint8_t* block, const RowTile& rows, float* out) {
  const auto* x = static_cast<const int8_t*>(rows.inputs);
  const GroupTerms* terms = rows.terms;
  __m512 sum[kRows];
  for (int r = 0; r < kRows; ++r) sum[r] = _mm512_setzero_ps();
  for (int64_t g = 0; g < rows.groups; ++g) {
    __m512i w[8];
    for (int k = 0; k < 8; ++k) {
      w[k] = _mm512_loadu_si512(block + 64 * k);
      if (kRows <= 2) _mm_prefetch(block + kPrefetchBytes + 64 * k, _MM_HINT_T0);
    }
    const __m512 scale = _mm512_loadu_ps(block + 8 * 64);
    for (int r = 0; r < kRows; ++r) {
      const __m512i dot =
          Dot(w, x + r * kGroup, _mm512_set1_epi32(terms[r].zero_offset), kRows <= 2);
      sum[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot),
                               _mm512_mul_ps(scale, _mm512_set1_ps(terms[r].scale)), sum[r]);
    }
    block += GroupBytes(WeightFormat::kInt8);
    x += kRows * kGroup;
    terms += kRows;
  }
  for (int r = 0; r < kRows; ++r) _mm512_storeu_ps(out + r * kBlock, sum[r]);
}

template <int kRows>
MRMLLM_VNNI void Int4Tile(const uint8_t* block, const RowTile& rows, float* out) {
  const auto* x = static_cast<const int8_t*>(rows.inputs);
  const GroupTerms* terms = rows.terms;
  const __m512i low_half = _mm512_set1_epi8(15);
  __m512 sum[kRows];
  for (int r = 0; r < kRows; ++r) sum[r] = _mm512_setzero_ps();
  for (int64_t g = 0; g < rows.groups; ++g) {
    __m512i w[8];
    for (int k = 0; k < 4; ++k) {
      const __m512i both = _mm512_loadu_si512(block + 64 * k);
      w[k] = _mm512_and_si512(both, low_half);
      w[k + 4] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low_half);
      if (kRows <= 2) _mm_prefetch(block + kPrefetchBytes + 64 * k, _MM_HINT_T0);
    }
    const auto* halves = reinterpret_cast<const __m256i*>(block + 4 * 64);
    const __m512 scale = _mm512_cvtph_ps(_mm256_loadu_si256(halves));
    const __m512 minimum = _mm512_cvtph_ps(_mm256_loadu_si256(halves + 1));
    for (int r = 0; r < kRows; ++r) {
      const __m512i dot = Dot(w, x + r * kGroup, _mm512_setzero_si512(), kRows <= 2);
      sum[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot),
                               _mm512_mul_ps(scale, _mm512_set1_ps(terms[r].scale)), sum[r]);
      sum[r] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(terms[r].scaled_sum), sum[r]);
    }
    block += GroupBytes(WeightFormat::kInt4);
    x += kRows * kGroup;
    terms += kRows;
  }
  for (int r = 0; r < kRows; ++r) _mm512_storeu_ps(out + r * kBlock, sum[r]);
}

template <int kRows>
MRMLLM_BF16 void Bfloat16Tile(const uint8_t* block, const RowTile& rows, float* out) {
  const auto* x = static_cast<const uint8_t*>(rows.inputs);
  constexpr int64_t kRowBytes = kGroup * 2;
  // Two chains a row: one alone would wait for itself.
  __m512 even[kRows], odd[kRows];
  for (int r = 0; r < kRows; ++r) even[r] = odd[r] = _mm512_setzero_ps();
  for (int64_t g = 0; g < rows.groups; ++g) {
    for (int k = 0; k < 16; k += 2) {
      const auto w0 = (__m512bh)_mm512_loadu_si512(block + 64 * k);
      const auto w1 = (__m512bh)_mm512_loadu_si512(block + 64 * k + 64);
      if (kRows <= 2) {
        _mm_prefetch(block + kPrefetchBytes + 64 * k, _MM_HINT_T0);
        _mm_prefetch(block + kPrefetchBytes + 64 * k + 64, _MM_HINT_T0);
      }
      for (int r = 0; r < kRows; ++r) {
        const uint8_t* pair = x + r * kRowBytes + 4 * k;
        even[r] = _mm512_dpbf16_ps(even[r], w0, (__m512bh)MRMLLM_BROADCAST4(pair));
        odd[r] = _mm512_dpbf16_ps(odd[r], w1, (__m512bh)MRMLLM_BROADCAST4(pair + 4));
      }
    }
    block += GroupBytes(WeightFormat::kBfloat16);
    x += kRows * kRowBytes;
  }
  for (int r = 0; r < kRows; ++r) {
    _mm512_storeu_ps(out + r * kBlock, _mm512_add_ps(even[r], odd[r]));
  }
}

MRMLLM_VNNI void EncodeCodes(const float* x, int64_t groups, const CodeTarget& target) {
  for (int64_t g = 0; g < groups; ++g, x += kGroup) {
    const __m512 a = _mm512_loadu_ps(x);
    const __m512 b = _mm512_loadu_ps(x + 16);
    const float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)));
    const float scale = largest / 127.0f;
    const __m512 inverse = _mm512_set1_ps(largest > 0 ? 127.0f / largest : 0.0f);
    const __m512i ca = _mm512_cvtps_epi32(_mm512_mul_ps(a, inverse));
    const __m512i cb = _mm512_cvtps_epi32(_mm512_mul_ps(b, inverse));
    auto* codes = reinterpret_cast<__m128i*>(target.codes + g * target.code_stride);
    _mm_storeu_si128(codes, _mm512_cvtepi32_epi8(ca));
    _mm_storeu_si128(codes + 1, _mm512_cvtepi32_epi8(cb));
    const int32_t sum = _mm512_reduce_add_epi32(_mm512_add_epi32(ca, cb));
    target.terms[g * target.term_stride] = {scale, scale * static_cast<float>(sum),
                                            -kZeroCode8 * sum};
  }
}

bool HasVnni() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni");
}

bool HasBf16() { return HasVnni() && __builtin_cpu_supports("avx512bf16"); }

}  // namespace

const TileKernels& BestTileKernels() {
  static const TileKernels kernels = [] {
    TileKernels best = PortableTileKernels();
    if (HasVnni()) {
      const TileKernels vnni = {{},
                                {Int8Tile<1>, Int8Tile<2>, Int8Tile<4>, Int8Tile<8>},
                                {Int4Tile<1>, Int4Tile<2>, Int4Tile<4>, Int4Tile<8>},
                                EncodeCodes};
      std::memcpy(best.int8, vnni.int8, sizeof(best.int8));
      std::memcpy(best.int4, vnni.int4, sizeof(best.int4));
      best.encode_codes = vnni.encode_codes;
    }
    if (HasBf16()) {
      const TileProduct bf16[] = {Bfloat16Tile<1>, Bfloat16Tile<2>, Bfloat16Tile<4>,
                                  Bfloat16Tile<8>};
      std::memcpy(best.bfloat16, bf16, sizeof(best.bfloat16));
    }
    return best;
  }();
  return kernels;
}

bool HasFastProducts(WeightFormat format) {
  return format == WeightFormat::kBfloat16 ? HasBf16() : HasVnni();
}

#else

const TileKernels& BestTileKernels() { return PortableTileKernels(); }

bool HasFastProducts(WeightFormat) { return false; }

#endif

}  // namespace mrmllm::packed
