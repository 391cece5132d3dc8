// SPDX-License-Identifier: Apache-2.0
#include "model/vision/max_pool.h"

#include <gtest/gtest.h>

namespace mrmllm {
namespace {

TEST(MaxPoolTest, EqualsLibtorchBitForBitInBothDtypes) {
  const c10::InferenceMode inference;
  torch::manual_seed(20261124);
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    for (const auto& [height, width] : {std::pair{8, 12}, {13, 7}, {1, 1}, {2, 2}}) {
      const at::Tensor x =
          at::randn({2, 24, height, width}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
      EXPECT_TRUE(at::equal(MaxPool(x), at::max_pool2d(x, 3, 2, 1))) << height << " x " << width;
    }
  }
}

TEST(MaxPoolTest, OrdersNegativeNumbers) {
  const c10::InferenceMode inference;
  const at::Tensor x = at::tensor({-3.0f, -1.0f, -0.5f, -2.0f}).reshape({1, 1, 2, 2});
  EXPECT_EQ(MaxPool(x.to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast)).item<float>(),
            -0.5f);
}

}  // namespace
}  // namespace mrmllm
