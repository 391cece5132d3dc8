// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_TILE_KERNELS_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_TILE_KERNELS_H_

#include <cstdint>

#include "model/language/packed/group_code.h"
#include "model/language/packed/packed_matrix.h"
#include "model/language/packed/weight_format.h"

namespace mrmllm::packed {

// The most rows that one pass over a block of weights serves: their sums fill the registers.
inline constexpr int kMaxTileRows = 8;

// What a row's 32 inputs are beside their signed 8-bit codes: input i is scale * codes[i].
struct GroupTerms {
  float scale = 0;
  float scaled_sum = 0;     // scale * (sum of the codes): what a weight's minimum is multiplied by
  int32_t zero_offset = 0;  // -kZeroCode8 * (sum of the codes)
};

// 1, 2, 4 or 8 rows of inputs that lie together: group after group, in each the rows' 32 inputs,
// as signed codes with their terms, or as bfloat16.
struct RowTile {
  const void* inputs = nullptr;
  const GroupTerms* terms = nullptr;
  int64_t groups = 0;
};

// out[row][lane], dense [rows, kBlock] = the block's 16 weight rows times the tile's rows. A row's
// value is the same bit for bit in a tile of any size.
using TileProduct = void (*)(const uint8_t* block, const RowTile& rows, float* out);

// Rounds `groups` groups of one row to codes. Group g goes to codes + g * code_stride and
// terms + g * term_stride.
struct CodeTarget {
  int8_t* codes = nullptr;
  int64_t code_stride = 0;
  GroupTerms* terms = nullptr;
  int64_t term_stride = 0;
};
using CodesEncoder = void (*)(const float* x, int64_t groups, const CodeTarget& target);

struct TileKernels {
  // For 1, 2, 4 and 8 rows.
  TileProduct bfloat16[4] = {};
  TileProduct int8[4] = {};
  TileProduct int4[4] = {};
  CodesEncoder encode_codes = nullptr;

  const TileProduct* products(WeightFormat format) const {
    if (format == WeightFormat::kBfloat16) return bfloat16;
    return format == WeightFormat::kInt8 ? int8 : int4;
  }
};

// Plain C++; the integer sums and codes are those of every other set.
const TileKernels& PortableTileKernels();

// With AVX512-VNNI (int8, int4) and AVX512-BF16 where this CPU has them, else the portable ones.
const TileKernels& BestTileKernels();

// Whether the best kernels for this format are made for this CPU, not portable.
bool HasFastProducts(WeightFormat format);

}  // namespace mrmllm::packed

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_TILE_KERNELS_H_
