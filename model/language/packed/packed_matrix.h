// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_PACKED_MATRIX_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_PACKED_MATRIX_H_

#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/language/packed/group_code.h"
#include "model/language/packed/weight_format.h"

namespace mrmllm::packed {

// Outputs that lie side by side in the lanes of one vector.
inline constexpr int kBlock = 16;

// Bytes of one group of a block: the 16 outputs' weights for 32 inputs.
//   bfloat16  16 vectors of 16 pairs
//   int8      8 vectors of 16 quadruples of codes, then 16 float32 scales
//   int4      4 vectors: quadruple k in the low halves of vector k, k + 4 in the high halves; then
//             16 float16 scales and 16 float16 minimums
inline constexpr int64_t GroupBytes(WeightFormat format) {
  switch (format) {
    case WeightFormat::kBfloat16:
      return 16 * 64;
    case WeightFormat::kInt8:
      return 8 * 64 + 64;
    default:
      return 4 * 64 + 2 * 32;
  }
}

// A dense row-major matrix to pack: float32, bfloat16 or float16.
struct WeightSource {
  const void* data = nullptr;
  at::ScalarType type = at::kFloat;
  int64_t rows = 0;
  int64_t columns = 0;
};

// A weight [rows, columns] in bfloat16, int8 or int4, laid out in the order in which a product
// reads it: block after block of 16 rows, in each the groups of 32 columns. Missing rows and
// columns of the last block and group are zero.
//
//   PackedMatrix qkv = PackedMatrix::Stack(WeightFormat::kInt4, {q, k, v});
//   Multiply(qkv, rows, ...);   // product.h
//
// Thread-safety: immutable. Ownership: owns its memory. Errors: sources of unequal width are bugs
// and throw c10::Error.
class PackedMatrix {
 public:
  PackedMatrix() = default;

  // The sources one below the other.
  static PackedMatrix Stack(WeightFormat format, const std::vector<WeightSource>& sources);

  // Two sources of equal shape whose blocks alternate, for MultiplySwiGlu. rows() counts both.
  static PackedMatrix Alternate(WeightFormat format, const WeightSource& even,
                                const WeightSource& odd);

  // Writes the values that row `row` stands for, [columns]. Not of alternating blocks.
  void DecodeRow(int64_t row, float* to) const;

  WeightFormat format() const { return format_; }
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  int64_t groups() const { return (columns_ + kGroup - 1) / kGroup; }
  int64_t blocks() const { return blocks_; }
  size_t size_bytes() const { return static_cast<size_t>(blocks_ * block_bytes()); }
  const uint8_t* block(int64_t b) const { return data_.get() + b * block_bytes(); }

 private:
  struct Free {
    void operator()(uint8_t* memory) const;
  };

  int64_t block_bytes() const { return groups() * GroupBytes(format_); }
  void Allocate(WeightFormat format, int64_t rows, int64_t columns, int64_t blocks);
  // rows[lane] null: that lane is zero.
  void PackBlock(int64_t b, const WeightSource* const* sources, const int64_t* source_rows);

  WeightFormat format_ = WeightFormat::kBfloat16;
  int64_t rows_ = 0;
  int64_t columns_ = 0;
  int64_t blocks_ = 0;
  std::unique_ptr<uint8_t[], Free> data_;
};

}  // namespace mrmllm::packed

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_PACKED_MATRIX_H_
