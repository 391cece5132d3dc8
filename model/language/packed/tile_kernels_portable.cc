// SPDX-License-Identifier: Apache-2.0
#include <c10/util/Half.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/language/kernels/float8.h"
#include "model/language/packed/tile_kernels.h"

namespace mrmllm::packed {
namespace {

// A group's 16 dot products; `code` gives the weight of quadruple k, byte `at`.
template <typename Code>
MRMLLM_INLINE void DotCodes(const int8_t* inputs, int32_t start, Code code, int32_t* dot) {
  for (int lane = 0; lane < kBlock; ++lane) dot[lane] = start;
  for (int k = 0; k < 8; ++k) {
    for (int lane = 0; lane < kBlock; ++lane) {
      int32_t sum = 0;
      for (int j = 0; j < 4; ++j) sum += code(k, lane * 4 + j) * inputs[k * 4 + j];
      dot[lane] += sum;
    }
  }
}

MRMLLM_CPU_CLONES void Int8Row(const uint8_t* block, const int8_t* inputs, const GroupTerms* terms,
                               int64_t groups, int rows, float* out) {
  std::fill(out, out + kBlock, 0.0f);
  for (int64_t g = 0; g < groups; ++g, block += GroupBytes(WeightFormat::kInt8)) {
    int32_t dot[kBlock];
    const GroupTerms& t = terms[g * rows];
    DotCodes(
        inputs + g * rows * kGroup, t.zero_offset,
        [&](int k, int at) { return static_cast<int32_t>(block[k * 64 + at]); }, dot);
    const auto* scale = reinterpret_cast<const float*>(block + 8 * 64);
    for (int lane = 0; lane < kBlock; ++lane) {
      out[lane] += static_cast<float>(dot[lane]) * (scale[lane] * t.scale);
    }
  }
}

MRMLLM_CPU_CLONES void Int4Row(const uint8_t* block, const int8_t* inputs, const GroupTerms* terms,
                               int64_t groups, int rows, float* out) {
  std::fill(out, out + kBlock, 0.0f);
  for (int64_t g = 0; g < groups; ++g, block += GroupBytes(WeightFormat::kInt4)) {
    int32_t dot[kBlock];
    const GroupTerms& t = terms[g * rows];
    DotCodes(
        inputs + g * rows * kGroup, 0,
        [&](int k, int at) { return block[k % 4 * 64 + at] >> (k / 4 * 4) & 15; }, dot);
    const auto* half = reinterpret_cast<const c10::Half*>(block + 4 * 64);
    for (int lane = 0; lane < kBlock; ++lane) {
      out[lane] += static_cast<float>(dot[lane]) * (static_cast<float>(half[lane]) * t.scale);
      out[lane] += static_cast<float>(half[kBlock + lane]) * t.scaled_sum;
    }
  }
}

MRMLLM_INLINE float FromBfloat16(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

MRMLLM_CPU_CLONES void Bfloat16Row(const uint8_t* block, const uint16_t* inputs, int64_t groups,
                                   int rows, float* out) {
  std::fill(out, out + kBlock, 0.0f);
  for (int64_t g = 0; g < groups; ++g, block += GroupBytes(WeightFormat::kBfloat16)) {
    const auto* weights = reinterpret_cast<const uint16_t*>(block);
    for (int i = 0; i < kGroup; ++i) {
      const float x = FromBfloat16(inputs[g * rows * kGroup + i]);
      const uint16_t* w = weights + i / 2 * 2 * kBlock + i % 2;
      for (int lane = 0; lane < kBlock; ++lane) out[lane] += x * FromBfloat16(w[2 * lane]);
    }
  }
}

template <int kRows>
void Int8Tile(const uint8_t* block, const RowTile& rows, float* out) {
  for (int r = 0; r < kRows; ++r) {
    Int8Row(block, static_cast<const int8_t*>(rows.inputs) + r * kGroup, rows.terms + r,
            rows.groups, kRows, out + r * kBlock);
  }
}

template <int kRows>
void Int4Tile(const uint8_t* block, const RowTile& rows, float* out) {
  for (int r = 0; r < kRows; ++r) {
    Int4Row(block, static_cast<const int8_t*>(rows.inputs) + r * kGroup, rows.terms + r,
            rows.groups, kRows, out + r * kBlock);
  }
}

template <int kRows>
void Bfloat16Tile(const uint8_t* block, const RowTile& rows, float* out) {
  for (int r = 0; r < kRows; ++r) {
    Bfloat16Row(block, static_cast<const uint16_t*>(rows.inputs) + r * kGroup, rows.groups, kRows,
                out + r * kBlock);
  }
}

void EncodeCodes(const float* x, int64_t groups, const CodeTarget& target) {
  for (int64_t g = 0; g < groups; ++g, x += kGroup) {
    float largest = 0;
    for (int i = 0; i < kGroup; ++i) largest = std::max(largest, std::fabs(x[i]));
    const float scale = largest / 127.0f;
    const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    int32_t sum = 0;
    int8_t* codes = target.codes + g * target.code_stride;
    for (int i = 0; i < kGroup; ++i) {
      codes[i] = static_cast<int8_t>(std::nearbyint(x[i] * inverse));
      sum += codes[i];
    }
    target.terms[g * target.term_stride] = {scale, scale * static_cast<float>(sum),
                                            -kZeroCode8 * sum};
  }
}

}  // namespace

const TileKernels& PortableTileKernels() {
  static const TileKernels kernels = {
      {Bfloat16Tile<1>, Bfloat16Tile<2>, Bfloat16Tile<4>, Bfloat16Tile<8>},
      {Int8Tile<1>, Int8Tile<2>, Int8Tile<4>, Int8Tile<8>},
      {Int4Tile<1>, Int4Tile<2>, Int4Tile<4>, Int4Tile<8>},
      EncodeCodes};
  return kernels;
}

}  // namespace mrmllm::packed
