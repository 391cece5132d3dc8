// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/tile_kernels.h"

#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

#include "model/language/packed/encoded_rows.h"

namespace mrmllm::packed {
namespace {

constexpr int64_t kWidth = 160;

PackedMatrix Block(WeightFormat format) {
  const at::Tensor weight = torch::randn({kBlock, kWidth});
  return PackedMatrix::Stack(format, {{weight.const_data_ptr(), at::kFloat, kBlock, kWidth}});
}

// On a CPU without the instructions both are the same set, and agree.
TEST(TileKernelsTest, TheBestAgreeWithThePortable) {
  for (const auto format : {WeightFormat::kBfloat16, WeightFormat::kInt8, WeightFormat::kInt4}) {
    const PackedMatrix block = Block(format);
    for (int size = 0; size < 4; ++size) {
      const int rows = 1 << size;
      const at::Tensor x = torch::randn({rows, kWidth}) * 3;
      EncodedRows encoded(format);
      encoded.Encode({rows, kWidth}, x.const_data_ptr<float>());
      std::vector<float> best(rows * kBlock), portable(rows * kBlock);
      BestTileKernels().products(format)[size](block.block(0), encoded.tile(0), best.data());
      PortableTileKernels().products(format)[size](block.block(0), encoded.tile(0),
                                                   portable.data());
      for (size_t i = 0; i < best.size(); ++i) {
        EXPECT_NEAR(best[i], portable[i], 1e-4 * (1 + std::fabs(best[i])))
            << WeightFormatName(format) << ", " << rows << " rows, value " << i;
      }
    }
  }
}

// With scales of one the results are the integer sums, exact in float32.
TEST(TileKernelsTest, IntegerSumsAreExactAtTheExtremes) {
  const at::Tensor weight = torch::full({kBlock, kGroup}, 127.0);
  const PackedMatrix block = PackedMatrix::Stack(
      WeightFormat::kInt8, {{weight.const_data_ptr(), at::kFloat, kBlock, kGroup}});
  const at::Tensor x = torch::full({1, kGroup}, -127.0);
  EncodedRows encoded(WeightFormat::kInt8);
  encoded.Encode({1, kGroup}, x.const_data_ptr<float>());
  for (const TileKernels* kernels : {&BestTileKernels(), &PortableTileKernels()}) {
    float out[kBlock];
    kernels->int8[0](block.block(0), encoded.tile(0), out);
    for (const float value : out) EXPECT_EQ(value, -127.0f * 127.0f * kGroup);
  }
}

TEST(TileKernelsTest, CodesAndTermsAreTheSameEverywhere) {
  const at::Tensor x = torch::randn({10 * kGroup});
  struct Encoded {
    std::vector<int8_t> codes = std::vector<int8_t>(10 * kGroup);
    std::vector<GroupTerms> terms = std::vector<GroupTerms>(10);
  };
  Encoded best, portable;
  BestTileKernels().encode_codes(x.const_data_ptr<float>(), 10,
                                 {best.codes.data(), kGroup, best.terms.data(), 1});
  PortableTileKernels().encode_codes(x.const_data_ptr<float>(), 10,
                                     {portable.codes.data(), kGroup, portable.terms.data(), 1});
  EXPECT_EQ(best.codes, portable.codes);
  for (int g = 0; g < 10; ++g) {
    EXPECT_EQ(best.terms[g].scale, portable.terms[g].scale);
    EXPECT_EQ(best.terms[g].scaled_sum, portable.terms[g].scaled_sum);
    EXPECT_EQ(best.terms[g].zero_offset, portable.terms[g].zero_offset);
  }
}

}  // namespace
}  // namespace mrmllm::packed
