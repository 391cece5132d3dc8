// SPDX-License-Identifier: Apache-2.0
#include "model/vision/winograd_conv.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace mrmllm {
namespace {

constexpr float kSlope = 0.1f;

// `of` is the map whose channels `map` is a slice of.
Bf16Map View(const at::Tensor& map, const at::Tensor& of) {
  return {reinterpret_cast<uint16_t*>(map.data_ptr<at::BFloat16>()), map.size(0), map.size(2),
          map.size(3), of.size(1)};
}

Bf16Map View(const at::Tensor& map) { return View(map, map); }

at::Tensor RandomMap(at::IntArrayRef sizes) {
  return at::randn(sizes).to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
}

class WinogradConvTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!WinogradConv::Supports(kIn, kOut)) GTEST_SKIP() << "this CPU has no AVX512-BF16";
    torch::manual_seed(20261124);
    weight_ = at::randn({kOut, kIn, 3, 3}) / 12;
    bias_ = at::randn({kOut});
    convolution_ = std::make_unique<WinogradConv>(
        weight_.data_ptr<float>(), bias_.data_ptr<float>(), WinogradConv::Shape{kIn, kOut, kSlope});
  }

  at::Tensor Expected(const at::Tensor& x) const {
    return at::leaky_relu(at::conv2d(x.to(at::kFloat), weight_, bias_, 1, 1), kSlope);
  }

  // Outputs are of size 1; bfloat16 has 8 bits of them.
  static void ExpectNear(const at::Tensor& got, const at::Tensor& expected) {
    const at::Tensor difference = got.to(at::kFloat) - expected;
    EXPECT_LE(difference.abs().max().item<float>(), 0.05f);
    EXPECT_LE(difference.square().mean().sqrt().item<float>(), 0.006f);
  }

  static constexpr int64_t kIn = 48;
  static constexpr int64_t kOut = 64;
  at::Tensor weight_, bias_;
  std::unique_ptr<WinogradConv> convolution_;
};

TEST_F(WinogradConvTest, EqualsTheDefinitionForEvenAndOddSizes) {
  for (const auto& [height, width] : {std::pair{8, 12}, {13, 13}, {7, 26}, {1, 1}, {2, 5}}) {
    const at::Tensor x = RandomMap({2, kIn, height, width});
    const at::Tensor y = RandomMap({2, kOut, height, width});
    convolution_->Run(View(x), View(y), 0, WinogradConv::TileCount(View(x)));
    SCOPED_TRACE(testing::Message() << height << " x " << width);
    ExpectNear(y, Expected(x));
  }
}

TEST_F(WinogradConvTest, RangesOfTilesMakeTheWhole) {
  const at::Tensor x = RandomMap({2, kIn, 13, 26});
  const at::Tensor whole = RandomMap({2, kOut, 13, 26});
  const at::Tensor parts = RandomMap({2, kOut, 13, 26});
  const int64_t count = WinogradConv::TileCount(View(x));
  convolution_->Run(View(x), View(whole), 0, count);
  for (int64_t begin = 0; begin < count; begin += 11) {
    convolution_->Run(View(x), View(parts), begin, std::min(begin + 11, count));
  }
  EXPECT_TRUE(at::equal(whole, parts));
}

TEST_F(WinogradConvTest, ReadsAndWritesSlicesAndLeavesTheirNeighboursAlone) {
  const at::Tensor wide = RandomMap({1, 16 + kIn + kOut, 6, 6});
  const at::Tensor before = wide.clone();
  const at::Tensor x = wide.narrow(1, 16, kIn);
  convolution_->Run(View(x, wide), View(wide.narrow(1, 16 + kIn, kOut), wide), 0,
                    WinogradConv::TileCount(View(x, wide)));
  EXPECT_TRUE(at::equal(wide.narrow(1, 0, 16 + kIn), before.narrow(1, 0, 16 + kIn)));
  ExpectNear(wide.narrow(1, 16 + kIn, kOut), Expected(x));
}

TEST(WinogradConvSupportTest, RefusesChannelsThatDoNotFillItsRegisters) {
  EXPECT_FALSE(WinogradConv::Supports(3, 32));
  EXPECT_FALSE(WinogradConv::Supports(32, 16));
}

}  // namespace
}  // namespace mrmllm
