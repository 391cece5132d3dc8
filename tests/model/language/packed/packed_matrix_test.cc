// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/packed_matrix.h"

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
  at::Tensor result = torch::full({matrix.rows(), matrix.columns()}, -9.0);
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    matrix.DecodeRow(row, result[row].mutable_data_ptr<float>());
  }
  return result;
}

// Of normal values, the largest error of one weight.
double Step(WeightFormat format) {
  if (format == WeightFormat::kBfloat16) return 0.02;
  return format == WeightFormat::kInt8 ? 0.03 : 0.4;
}

TEST(PackedMatrixTest, EveryRowDecodesToWhatWasPacked) {
  for (const WeightFormat format : kFormats) {
    for (const int64_t rows : {1, 16, 33}) {
      for (const int64_t columns : {32, 40, 96}) {
        const at::Tensor weight = torch::randn({rows, columns});
        const PackedMatrix matrix = PackedMatrix::Stack(format, {Source(weight)});
        EXPECT_LT((Decoded(matrix) - weight).abs().max().item<double>(), Step(format))
            << WeightFormatName(format) << " " << rows << " x " << columns;
      }
    }
  }
}

TEST(PackedMatrixTest, Bfloat16KeepsItsBits) {
  const at::Tensor weight = torch::randn({20, 64}).to(at::kBFloat16);
  const PackedMatrix matrix = PackedMatrix::Stack(WeightFormat::kBfloat16, {Source(weight)});
  EXPECT_TRUE(at::equal(Decoded(matrix), weight.to(at::kFloat)));
}

TEST(PackedMatrixTest, SourcesLieOneBelowTheOther) {
  const at::Tensor a = torch::randn({5, 64}), b = torch::randn({30, 64}), c = torch::randn({3, 64});
  for (const WeightFormat format : kFormats) {
    const PackedMatrix stacked = PackedMatrix::Stack(format, {Source(a), Source(b), Source(c)});
    const at::Tensor whole = at::cat({a, b, c});
    const PackedMatrix single = PackedMatrix::Stack(format, {Source(whole)});
    EXPECT_EQ(stacked.rows(), 38);
    EXPECT_TRUE(at::equal(Decoded(stacked), Decoded(single)));
  }
}

TEST(PackedMatrixTest, TakesTheBytesThatItsFormatSays) {
  const at::Tensor weight = torch::randn({32, 64});
  const auto bytes = [&](WeightFormat format) {
    return PackedMatrix::Stack(format, {Source(weight)}).size_bytes();
  };
  EXPECT_EQ(bytes(WeightFormat::kBfloat16), 32u * 64 * 2);
  EXPECT_EQ(bytes(WeightFormat::kInt8), 32u * 64 * 9 / 8);
  EXPECT_EQ(bytes(WeightFormat::kInt4), 32u * 64 * 5 / 8);
}

TEST(PackedMatrixTest, SourcesOfUnequalWidthThrow) {
  const at::Tensor a = torch::randn({5, 64}), b = torch::randn({5, 32});
  EXPECT_THROW(PackedMatrix::Stack(WeightFormat::kInt8, {Source(a), Source(b)}), c10::Error);
  EXPECT_THROW(PackedMatrix::Alternate(WeightFormat::kInt8, Source(a), Source(b)), c10::Error);
}

}  // namespace
}  // namespace mrmllm::packed
