// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_ENCODED_ROWS_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_ENCODED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/language/packed/tile_kernels.h"
#include "model/language/packed/weight_format.h"

namespace mrmllm::packed {

// How many rows the tile that begins at `row` has: as many as fit, a power of two.
inline int TileRows(int64_t row, int64_t rows) {
  int tile = kMaxTileRows;
  while (row + tile > rows) tile /= 2;
  return tile;
}

// Where the tile that holds `row` begins.
inline int64_t TileBegin(int64_t row, int64_t rows) {
  int64_t begin = row / kMaxTileRows * kMaxTileRows;
  while (begin + TileRows(begin, rows) <= row) begin += TileRows(begin, rows);
  return begin;
}

// Rows [N, D] in the form in which products take them: for int8 and int4 weights signed 8-bit codes
// with a scale for every 32 values, for bfloat16 weights bfloat16.
//
//   EncodedRows rows(WeightFormat::kInt4);
//   rows.EncodeNormalized({count, width}, hidden, norm_weight, epsilon);
//   Multiply(qkv, rows, ...);   // product.h
//
// Columns may be added behind those that were encoded, so that a product can read what another made
// of the first:
//
//   rows.Encode({count, width, extension}, x);
//   Multiply(a, rows, y);        // a [extension, width]
//   rows.Extend(y);
//   Multiply(wide, rows, ...);   // wide [out, width + extension]
//
// Thread-safety: one thread at a time; runs on the threads of ParallelFor. Ownership: owns its
// memory, which grows to the largest rows encoded and stays.
class EncodedRows {
 public:
  struct Shape {
    int64_t rows = 0;
    int64_t width = 0;
    int64_t extension = 0;  // columns that Extend will add, for which room is left
  };

  explicit EncodedRows(WeightFormat format) : as_bfloat16_(format == WeightFormat::kBfloat16) {}

  // x: dense float32.
  void Encode(Shape shape, const float* x);

  // x / sqrt(mean(x^2) + epsilon) * weight, encoded. REQUIRES: width is a multiple of 8.
  void EncodeNormalized(Shape shape, const float* x, const float* weight, float epsilon);

  // x [rows, extension], dense float32: columns behind the others; shape().width grows by them.
  // REQUIRES: width is a multiple of kGroup.
  void Extend(const float* x);

  const Shape& shape() const { return shape_; }
  bool as_bfloat16() const { return as_bfloat16_; }
  int64_t groups() const { return (shape_.width + kGroup - 1) / kGroup; }

  // The tile of TileRows(row, rows) rows that begins at `row`.
  RowTile tile(int64_t row) const {
    return {values_.data() + row * row_bytes(),
            as_bfloat16_ ? nullptr : terms_.data() + row * row_groups_, groups()};
  }

 private:
  int64_t group_bytes() const { return kGroup * (as_bfloat16_ ? 2 : 1); }
  int64_t row_bytes() const { return row_groups_ * group_bytes(); }
  void Resize(Shape shape);
  // `width` values of a row, from group `first` on.
  void EncodeRow(int64_t row, int64_t first, int64_t width, const float* x);

  const bool as_bfloat16_;
  Shape shape_;
  int64_t row_groups_ = 0;  // that a row has room for
  std::vector<uint8_t> values_;
  std::vector<GroupTerms> terms_;
  std::vector<float> normalized_;
};

}  // namespace mrmllm::packed

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_ENCODED_ROWS_H_
