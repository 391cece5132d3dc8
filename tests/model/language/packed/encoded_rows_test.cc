// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/encoded_rows.h"

#include <c10/util/BFloat16.h>
#include <torch/torch.h>

#include "gtest/gtest.h"

namespace mrmllm::packed {
namespace {

TEST(EncodedRowsTest, TilesAreAsLargeAsFitAndCoverEveryRowOnce) {
  for (int64_t rows = 1; rows < 40; ++rows) {
    int64_t row = 0;
    while (row < rows) {
      const int count = TileRows(row, rows);
      ASSERT_GE(count, 1);
      for (int r = 0; r < count; ++r) EXPECT_EQ(TileBegin(row + r, rows), row);
      row += count;
    }
    EXPECT_EQ(row, rows);
  }
}

// Value i of row `row`, as a product would take it.
float Value(const EncodedRows& rows, int64_t row, int64_t i) {
  const int64_t begin = TileBegin(row, rows.shape().rows);
  const int tile_rows = TileRows(begin, rows.shape().rows);
  const RowTile tile = rows.tile(begin);
  const int64_t group = i / kGroup * tile_rows + (row - begin);
  const int64_t at = group * kGroup + i % kGroup;
  if (rows.as_bfloat16()) {
    return static_cast<float>(static_cast<const c10::BFloat16*>(tile.inputs)[at]);
  }
  return tile.terms[group].scale * static_cast<const int8_t*>(tile.inputs)[at];
}

TEST(EncodedRowsTest, HoldEveryValueWithinTheirPrecision) {
  for (const auto format : {WeightFormat::kBfloat16, WeightFormat::kInt4}) {
    for (const int64_t count : {1, 2, 3, 7, 8, 13, 24}) {
      const at::Tensor x = torch::randn({count, 72});
      EncodedRows rows(format);
      rows.Encode({count, 72}, x.const_data_ptr<float>());
      for (int64_t row = 0; row < count; ++row) {
        for (int64_t i = 0; i < 72; ++i) {
          EXPECT_NEAR(Value(rows, row, i), x[row][i].item<float>(), 0.02);
        }
      }
    }
  }
}

TEST(EncodedRowsTest, NormalisesAsTheFormulaSays) {
  const at::Tensor x = torch::randn({5, 64}) * 7, weight = torch::rand({64}) + 0.5;
  const at::Tensor expected = x / (x.square().mean(-1, true) + 1e-5).sqrt() * weight;
  EncodedRows rows(WeightFormat::kInt8);
  rows.EncodeNormalized({5, 64}, x.const_data_ptr<float>(), weight.const_data_ptr<float>(), 1e-5f);
  for (int64_t row = 0; row < 5; ++row) {
    for (int64_t i = 0; i < 64; ++i) {
      EXPECT_NEAR(Value(rows, row, i), expected[row][i].item<float>(), 0.03);
    }
  }
}

TEST(EncodedRowsTest, AnExtensionLeavesTheOthersAsTheyWere) {
  for (const auto format : {WeightFormat::kBfloat16, WeightFormat::kInt4}) {
    for (const int64_t count : {1, 3, 8, 13}) {
      const at::Tensor x = torch::randn({count, 64});
      const at::Tensor more = torch::randn({count, 40});
      EncodedRows plain(format);
      plain.Encode({count, 64}, x.const_data_ptr<float>());
      EncodedRows rows(format);
      rows.Encode({count, 64, 40}, x.const_data_ptr<float>());
      EXPECT_EQ(rows.shape().width, 64);
      EXPECT_EQ(rows.tile(0).groups, 2);
      rows.Extend(more.const_data_ptr<float>());
      EXPECT_EQ(rows.shape().width, 104);
      EXPECT_EQ(rows.tile(0).groups, 4);
      for (int64_t row = 0; row < count; ++row) {
        for (int64_t i = 0; i < 64; ++i) EXPECT_EQ(Value(rows, row, i), Value(plain, row, i));
        for (int64_t i = 0; i < 40; ++i) {
          EXPECT_NEAR(Value(rows, row, 64 + i), more[row][i].item<float>(), 0.02);
        }
      }
    }
  }
}

TEST(EncodedRowsTest, ZerosStayZeros) {
  const at::Tensor x = torch::zeros({1, 32});
  EncodedRows rows(WeightFormat::kInt8);
  rows.Encode({1, 32}, x.const_data_ptr<float>());
  for (int64_t i = 0; i < 32; ++i) EXPECT_EQ(Value(rows, 0, i), 0.0f);
}

}  // namespace
}  // namespace mrmllm::packed
