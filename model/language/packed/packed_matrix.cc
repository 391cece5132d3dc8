// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/packed_matrix.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Exception.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "model/language/kernels/parallel_for.h"

namespace mrmllm::packed {
namespace {

// Where weight i of `lane` lies within a group: a byte of codes, or a bfloat16.
int64_t CodeAt(int i, int lane) { return i / 4 * 64 + lane * 4 + i % 4; }
int64_t PairAt(int i, int lane) { return (i / 2 * 16 + lane) * 2 + i % 2; }

void CheckType(const WeightSource& source) {
  TORCH_CHECK(source.type == at::kFloat || source.type == at::kBFloat16 || source.type == at::kHalf,
              "packed_matrix: no use for ", source.type);
}

template <typename Element>
void ReadAs(const WeightSource& source, int64_t begin, int64_t count, float* to) {
  const auto* from = static_cast<const Element*>(source.data) + begin;
  for (int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]);
}

void ReadGroup(const WeightSource& source, int64_t row, int64_t column, float* to) {
  const int64_t begin = row * source.columns + column;
  const int64_t count = std::min<int64_t>(kGroup, source.columns - column);
  if (source.type == at::kBFloat16) {
    ReadAs<c10::BFloat16>(source, begin, count, to);
  } else if (source.type == at::kHalf) {
    ReadAs<c10::Half>(source, begin, count, to);
  } else {
    ReadAs<float>(source, begin, count, to);
  }
  // Zeros would widen the range of the group's codes; no input ever meets them.
  std::fill(to + count, to + kGroup, to[0]);
}

void WriteBfloat16(const float* weights, int lane, uint8_t* group) {
  auto* to = reinterpret_cast<c10::BFloat16*>(group);
  for (int i = 0; i < kGroup; ++i) to[PairAt(i, lane)] = c10::BFloat16(weights[i]);
}

void WriteInt8(const float* weights, int lane, uint8_t* group) {
  const GroupCode code = EncodeInt8(weights);
  for (int i = 0; i < kGroup; ++i) group[CodeAt(i, lane)] = code.codes[i];
  reinterpret_cast<float*>(group + 8 * 64)[lane] = code.scale;
}

void WriteInt4(const float* weights, int lane, uint8_t* group) {
  const GroupCode code = EncodeInt4(weights);
  for (int i = 0; i < kGroup / 2; ++i) {
    group[CodeAt(i, lane)] = static_cast<uint8_t>(code.codes[i] | code.codes[i + kGroup / 2] << 4);
  }
  auto* half = reinterpret_cast<c10::Half*>(group + 4 * 64);
  half[lane] = c10::Half(code.scale);
  half[kBlock + lane] = c10::Half(code.minimum);
}

}  // namespace

void PackedMatrix::Free::operator()(uint8_t* memory) const { std::free(memory); }

void PackedMatrix::Allocate(WeightFormat format, int64_t rows, int64_t columns, int64_t blocks) {
  TORCH_CHECK(format != WeightFormat::kFloat32, "packed_matrix: float32 is not packed");
  format_ = format;
  rows_ = rows;
  columns_ = columns;
  blocks_ = blocks;
  constexpr size_t kCacheLine = 64;
  data_.reset(static_cast<uint8_t*>(std::aligned_alloc(kCacheLine, size_bytes())));
  TORCH_CHECK(data_ != nullptr, "packed_matrix: out of memory for ", size_bytes(), " bytes");
}

void PackedMatrix::PackBlock(int64_t b, const WeightSource* const* sources,
                             const int64_t* source_rows) {
  uint8_t* group = data_.get() + b * block_bytes();
  std::memset(group, 0, block_bytes());
  float weights[kGroup];
  for (int64_t g = 0; g < groups(); ++g, group += GroupBytes(format_)) {
    for (int lane = 0; lane < kBlock; ++lane) {
      if (sources[lane] == nullptr) continue;
      ReadGroup(*sources[lane], source_rows[lane], g * kGroup, weights);
      if (format_ == WeightFormat::kBfloat16) {
        WriteBfloat16(weights, lane, group);
      } else if (format_ == WeightFormat::kInt8) {
        WriteInt8(weights, lane, group);
      } else {
        WriteInt4(weights, lane, group);
      }
    }
  }
}

PackedMatrix PackedMatrix::Stack(WeightFormat format, const std::vector<WeightSource>& sources) {
  PackedMatrix matrix;
  int64_t rows = 0;
  for (const WeightSource& source : sources) {
    TORCH_CHECK(source.columns == sources[0].columns, "packed_matrix: expected ",
                sources[0].columns, " columns, got ", source.columns);
    CheckType(source);
    rows += source.rows;
  }
  matrix.Allocate(format, rows, sources[0].columns, (rows + kBlock - 1) / kBlock);
  kernels::ParallelFor(0, matrix.blocks(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const WeightSource* lane_sources[kBlock] = {};
      int64_t lane_rows[kBlock] = {};
      for (int lane = 0; lane < kBlock; ++lane) {
        int64_t row = b * kBlock + lane;
        for (size_t s = 0; s < sources.size() && lane_sources[lane] == nullptr; ++s) {
          if (row < sources[s].rows) {
            lane_sources[lane] = &sources[s];
            lane_rows[lane] = row;
          }
          row -= sources[s].rows;
        }
      }
      matrix.PackBlock(b, lane_sources, lane_rows);
    }
  });
  return matrix;
}

PackedMatrix PackedMatrix::Alternate(WeightFormat format, const WeightSource& even,
                                     const WeightSource& odd) {
  TORCH_CHECK(even.rows == odd.rows && even.columns == odd.columns,
              "packed_matrix: expected two matrices of one shape");
  CheckType(even);
  CheckType(odd);
  PackedMatrix matrix;
  matrix.Allocate(format, 2 * even.rows, even.columns, 2 * ((even.rows + kBlock - 1) / kBlock));
  kernels::ParallelFor(0, matrix.blocks(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const WeightSource* lane_sources[kBlock] = {};
      int64_t lane_rows[kBlock] = {};
      for (int lane = 0; lane < kBlock; ++lane) {
        lane_rows[lane] = b / 2 * kBlock + lane;
        if (lane_rows[lane] < even.rows) lane_sources[lane] = b % 2 == 0 ? &even : &odd;
      }
      matrix.PackBlock(b, lane_sources, lane_rows);
    }
  });
  return matrix;
}

void PackedMatrix::DecodeRow(int64_t row, float* to) const {
  const int lane = static_cast<int>(row % kBlock);
  const uint8_t* group = block(row / kBlock);
  for (int64_t g = 0; g < groups(); ++g, group += GroupBytes(format_)) {
    float weights[kGroup];
    if (format_ == WeightFormat::kBfloat16) {
      const auto* from = reinterpret_cast<const c10::BFloat16*>(group);
      for (int i = 0; i < kGroup; ++i) weights[i] = static_cast<float>(from[PairAt(i, lane)]);
    } else if (format_ == WeightFormat::kInt8) {
      const float scale = reinterpret_cast<const float*>(group + 8 * 64)[lane];
      for (int i = 0; i < kGroup; ++i) {
        weights[i] = scale * static_cast<float>(group[CodeAt(i, lane)] - kZeroCode8);
      }
    } else {
      const auto* half = reinterpret_cast<const c10::Half*>(group + 4 * 64);
      const auto scale = static_cast<float>(half[lane]);
      const auto minimum = static_cast<float>(half[kBlock + lane]);
      for (int i = 0; i < kGroup / 2; ++i) {
        const int pair = group[CodeAt(i, lane)];
        weights[i] = minimum + scale * static_cast<float>(pair & 15);
        weights[i + kGroup / 2] = minimum + scale * static_cast<float>(pair >> 4);
      }
    }
    const int64_t begin = g * kGroup;
    std::copy_n(weights, std::min<int64_t>(kGroup, columns_ - begin), to + begin);
  }
}

}  // namespace mrmllm::packed
