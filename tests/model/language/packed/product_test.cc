// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/product.h"

#include <torch/torch.h>

#include "gtest/gtest.h"

namespace mrmllm::packed {
namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::kBfloat16, WeightFormat::kInt8,
                                     WeightFormat::kInt4};

WeightSource Source(const at::Tensor& weight) {
  return {weight.const_data_ptr(), weight.scalar_type(), weight.size(0), weight.size(1)};
}

at::Tensor Decoded(const PackedMatrix& matrix) {
  at::Tensor result = torch::empty({matrix.rows(), matrix.columns()});
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    matrix.DecodeRow(row, result[row].mutable_data_ptr<float>());
  }
  return result;
}

at::Tensor Product(const PackedMatrix& weight, const at::Tensor& x) {
  EncodedRows rows(weight.format());
  rows.Encode({x.size(0), x.size(1)}, x.const_data_ptr<float>());
  at::Tensor y = torch::full({x.size(0), weight.rows()}, -9.0);
  Multiply(weight, rows, y.mutable_data_ptr<float>());
  return y;
}

double Largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

// What is left is the rounding of the inputs: of 8 bits, relative to the largest of 32.
TEST(ProductTest, IsTheProductOfTheDecodedWeight) {
  for (const WeightFormat format : kFormats) {
    for (const int64_t out : {1, 16, 61}) {
      for (const int64_t in : {32, 72, 160}) {
        const at::Tensor weight = torch::randn({out, in});
        const PackedMatrix matrix = PackedMatrix::Stack(format, {Source(weight)});
        for (const int64_t rows : {1, 2, 3, 8, 21}) {
          const at::Tensor x = torch::randn({rows, in});
          const at::Tensor expected = at::linear(x, Decoded(matrix));
          EXPECT_LT(Largest(Product(matrix, x) - expected), 0.035 * std::sqrt(in))
              << WeightFormatName(format) << " " << rows << " x " << in << " x " << out;
        }
      }
    }
  }
}

TEST(ProductTest, ARowDoesNotDependOnItsNeighboursByOneBit) {
  for (const WeightFormat format : kFormats) {
    const at::Tensor weight = torch::randn({48, 96});
    const PackedMatrix matrix = PackedMatrix::Stack(format, {Source(weight)});
    const at::Tensor x = torch::randn({23, 96});
    const at::Tensor together = Product(matrix, x);
    for (int64_t row = 0; row < x.size(0); ++row) {
      EXPECT_TRUE(at::equal(Product(matrix, x.narrow(0, row, 1))[0], together[row]))
          << WeightFormatName(format) << ", row " << row;
    }
    EXPECT_TRUE(
        at::equal(Product(matrix, x.narrow(0, 4, 7).contiguous()), together.narrow(0, 4, 7)));
  }
}

TEST(ProductTest, OntoAddsToWhatIsThere) {
  const at::Tensor weight = torch::randn({20, 64}), x = torch::randn({9, 64});
  const PackedMatrix matrix = PackedMatrix::Stack(WeightFormat::kInt4, {Source(weight)});
  EncodedRows rows(WeightFormat::kInt4);
  rows.Encode({9, 64}, x.const_data_ptr<float>());
  at::Tensor y = torch::full({9, 20}, 100.0);
  MultiplyOnto(matrix, rows, y.mutable_data_ptr<float>());
  EXPECT_LT(Largest(y - 100 - Product(matrix, x)), 1e-4);
}

TEST(ProductTest, SwiGluJoinsGateAndUp) {
  for (const WeightFormat format : kFormats) {
    for (const int64_t width : {16, 40}) {
      const at::Tensor gate = torch::randn({width, 64}), up = torch::randn({width, 64});
      const at::Tensor x = torch::randn({11, 64});
      const PackedMatrix both = PackedMatrix::Alternate(format, Source(gate), Source(up));
      EncodedRows rows(format);
      rows.Encode({11, 64}, x.const_data_ptr<float>());
      at::Tensor y = torch::empty({11, width});
      MultiplySwiGlu(both, rows, y.mutable_data_ptr<float>());
      const at::Tensor g = Product(PackedMatrix::Stack(format, {Source(gate)}), x);
      const at::Tensor u = Product(PackedMatrix::Stack(format, {Source(up)}), x);
      EXPECT_LT(Largest(y - at::silu(g) * u), 1e-3) << WeightFormatName(format) << " " << width;
    }
  }
}

TEST(ProductTest, RowsOfTheWrongWidthOrEncodingThrow) {
  const at::Tensor weight = torch::randn({16, 64}), x = torch::randn({1, 32});
  const PackedMatrix matrix = PackedMatrix::Stack(WeightFormat::kInt4, {Source(weight)});
  EXPECT_THROW(Product(matrix, x), c10::Error);
  EncodedRows rows(WeightFormat::kBfloat16);
  const at::Tensor wide = torch::randn({1, 64});
  rows.Encode({1, 64}, wide.const_data_ptr<float>());
  float y[16];
  EXPECT_THROW(Multiply(matrix, rows, y), c10::Error);
}

}  // namespace
}  // namespace mrmllm::packed
