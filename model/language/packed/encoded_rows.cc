// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/encoded_rows.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/language/kernels/float8.h"
#include "model/language/kernels/parallel_for.h"

namespace mrmllm::packed {
namespace {

using kernels::Float8;
using kernels::Int8;
using kernels::kLanes;

// Fewer values than this are done before a second thread has woken up.
constexpr int64_t kValuesPerTask = 8192;

MRMLLM_CPU_CLONES void Normalize(int64_t width, const float* x, const float* weight, float epsilon,
                                 float* y) {
  Float8 sum[2] = {};
  for (int64_t i = 0; i < width; i += kLanes) {
    const Float8 value = kernels::Load(x + i);
    sum[(i / kLanes) % 2] += value * value;
  }
  const float mean = (kernels::Sum(sum[0]) + kernels::Sum(sum[1])) / static_cast<float>(width);
  const Float8 scale = kernels::Broadcast(1.0f / std::sqrt(mean + epsilon));
  for (int64_t i = 0; i < width; i += kLanes) {
    kernels::Store(y + i, kernels::Load(x + i) * scale * kernels::Load(weight + i));
  }
}

// To the nearest, ties to even; NaN stays NaN.
MRMLLM_CPU_CLONES void EncodeBfloat16(const float* x, int64_t groups, uint8_t* to, int64_t stride) {
  for (int64_t g = 0; g < groups; ++g, x += kGroup, to += stride) {
    uint16_t narrow[kGroup];
    for (int i = 0; i < kGroup; ++i) {
      uint32_t bits;
      std::memcpy(&bits, x + i, sizeof(bits));
      const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
      narrow[i] = static_cast<uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : rounded);
    }
    std::memcpy(to, narrow, sizeof(narrow));
  }
}

}  // namespace

void EncodedRows::Resize(Shape shape) {
  shape_ = shape;
  row_groups_ = groups() + (shape.extension + kGroup - 1) / kGroup;
  const auto bytes = static_cast<size_t>(shape.rows * row_bytes());
  if (values_.size() < bytes) values_.resize(bytes);
  const auto terms = static_cast<size_t>(as_bfloat16_ ? 0 : shape.rows * row_groups_);
  if (terms_.size() < terms) terms_.resize(terms);
}

void EncodedRows::EncodeRow(int64_t row, int64_t first, int64_t width, const float* x) {
  const int64_t tile_begin = TileBegin(row, shape_.rows);
  const int64_t tile_rows = TileRows(tile_begin, shape_.rows);
  const int64_t stride = tile_rows * group_bytes();
  const int64_t in_tile = row - tile_begin;
  uint8_t* values =
      values_.data() + tile_begin * row_bytes() + in_tile * group_bytes() + first * stride;
  GroupTerms* terms = as_bfloat16_
                          ? nullptr
                          : terms_.data() + tile_begin * row_groups_ + in_tile + first * tile_rows;
  const auto encode = [&](const float* from, int64_t begin, int64_t count) {
    if (as_bfloat16_) {
      EncodeBfloat16(from, count, values + begin * stride, stride);
    } else {
      BestTileKernels().encode_codes(from, count,
                                     {reinterpret_cast<int8_t*>(values + begin * stride), stride,
                                      terms + begin * tile_rows, tile_rows});
    }
  };
  const int64_t whole = width / kGroup;
  encode(x, 0, whole);
  if (whole * kGroup == width) return;
  float padded[kGroup] = {};
  std::copy(x + whole * kGroup, x + width, padded);
  encode(padded, whole, 1);
}

void EncodedRows::Encode(Shape shape, const float* x) {
  Resize(shape);
  const int64_t grain = std::max<int64_t>(1, kValuesPerTask / shape.width);
  kernels::ParallelFor(0, shape.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      EncodeRow(row, 0, shape.width, x + row * shape.width);
    }
  });
}

void EncodedRows::Extend(const float* x) {
  const Shape shape = shape_;
  TORCH_CHECK(shape.width % kGroup == 0, "encoded_rows: expected whole groups of ", kGroup,
              " columns to extend, got ", shape.width);
  const int64_t grain =
      std::max<int64_t>(1, kValuesPerTask / std::max<int64_t>(1, shape.extension));
  kernels::ParallelFor(0, shape.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      EncodeRow(row, shape.width / kGroup, shape.extension, x + row * shape.extension);
    }
  });
  shape_ = {shape.rows, shape.width + shape.extension, 0};
}

void EncodedRows::EncodeNormalized(Shape shape, const float* x, const float* weight,
                                   float epsilon) {
  Resize(shape);
  const auto size = static_cast<size_t>(shape.rows * shape.width);
  if (normalized_.size() < size) normalized_.resize(size);
  const int64_t grain = std::max<int64_t>(1, kValuesPerTask / shape.width);
  kernels::ParallelFor(0, shape.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* y = normalized_.data() + row * shape.width;
      Normalize(shape.width, x + row * shape.width, weight, epsilon, y);
      EncodeRow(row, 0, shape.width, y);
    }
  });
}

}  // namespace mrmllm::packed
