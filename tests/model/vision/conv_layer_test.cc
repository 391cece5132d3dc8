// SPDX-License-Identifier: Apache-2.0
#include "model/vision/conv_layer.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

at::Tensor Apply(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kLeakyRelu:
      return at::leaky_relu(x, 0.1);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kRelu6:
      return at::clamp(x, 0, 6);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kGelu:
      return at::gelu(x);
    default:
      return x;
  }
}

class ConvLayerTest : public testing::TestWithParam<Activation> {
 protected:
  // Channels that the Winograd kernel takes, where the CPU has it.
  ConvLayerTest() {
    torch::NoGradGuard no_grad;
    torch::manual_seed(6);
    weight_ = layer_->named_parameters()["weight"];
    bias_ = layer_->named_parameters()["bias"];
    weight_.normal_(0, 0.1);
    bias_.normal_(0, 0.5);
  }

  ConvLayer layer_{
      ConvOptions{.in_channels = 16, .out_channels = 32, .kernel = 3, .activation = GetParam()}};
  at::Tensor weight_;
  at::Tensor bias_;
};

TEST_P(ConvLayerTest, PreparedOrNotItIsTheConvolutionAndItsActivation) {
  const torch::NoGradGuard no_grad;
  const at::Tensor x = at::randn({2, 16, 9, 10});
  const at::Tensor expected = Apply(at::conv2d(x, weight_, bias_, 1, 1), GetParam());
  EXPECT_TRUE(layer_->forward(x).allclose(expected, 1e-5, 1e-5));
  layer_->Prepare();
  EXPECT_TRUE(layer_->forward(x).allclose(expected, 1e-4, 1e-4));
}

TEST_P(ConvLayerTest, Bfloat16IsNear) {
  const torch::NoGradGuard no_grad;
  const at::Tensor x = at::randn({1, 16, 12, 12});
  const at::Tensor expected = Apply(at::conv2d(x, weight_, bias_, 1, 1), GetParam());
  layer_->to(at::kBFloat16);
  layer_->Prepare();
  const at::Tensor y = layer_->forward(x.to(at::kBFloat16)).to(at::kFloat);
  EXPECT_LT((y - expected).norm().item<double>(), 0.02 * expected.norm().item<double>());
}

INSTANTIATE_TEST_SUITE_P(Activations, ConvLayerTest,
                         testing::Values(Activation::kNone, Activation::kLeakyRelu,
                                         Activation::kRelu, Activation::kRelu6, Activation::kSilu,
                                         Activation::kGelu));

}  // namespace
}  // namespace mrmllm
