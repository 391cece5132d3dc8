// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/conv_norm.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "model/checkpoint/load.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

constexpr double kEps = 1e-3;

struct Branch {
  std::string convolution;
  std::string norm;
  int64_t kernel;
};

// A parent with one layer of 3 x 3 from 2 to 4 channels, named "part".
struct Layered : torch::nn::Module {
  explicit Layered(std::vector<ConvNormNames> branches) {
    part = register_module("part",
                           ConvNorm(ConvOptions{.in_channels = 2, .out_channels = 4, .kernel = 3},
                                    std::move(branches), kEps));
  }
  ConvNorm part{nullptr};
};

TensorMap RandomTensors(const std::vector<Branch>& branches) {
  TensorMap tensors;
  for (const Branch& branch : branches) {
    const std::string norm = "detector.part." + branch.norm;
    tensors["detector.part." + branch.convolution + ".weight"] =
        at::randn({4, 2, branch.kernel, branch.kernel});
    tensors[norm + ".weight"] = at::randn({4});
    tensors[norm + ".bias"] = at::randn({4});
    tensors[norm + ".running_mean"] = at::randn({4});
    tensors[norm + ".running_var"] = at::rand({4}) + 0.1;
  }
  return tensors;
}

at::Tensor Unfolded(const at::Tensor& x, const TensorMap& tensors, const Branch& branch) {
  const std::string norm = "detector.part." + branch.norm;
  const at::Tensor y = at::conv2d(x, tensors.at("detector.part." + branch.convolution + ".weight"),
                                  {}, 1, branch.kernel / 2);
  return at::batch_norm(y, tensors.at(norm + ".weight"), tensors.at(norm + ".bias"),
                        tensors.at(norm + ".running_mean"), tensors.at(norm + ".running_var"),
                        /*training=*/false, 0, kEps, false);
}

TEST(ConvNormTest, FoldedIsTheConvolutionAndItsNorm) {
  torch::manual_seed(1);
  const auto module = std::make_shared<Layered>(std::vector<ConvNormNames>{{"conv", "norm"}});
  const Branch branch{"conv", "norm", 3};
  TensorMap tensors = RandomTensors({branch});
  const at::Tensor x = at::randn({2, 2, 5, 7});
  const at::Tensor expected = Unfolded(x, tensors, branch);
  ASSERT_TRUE(FoldBatchNorms(*module, "detector", tensors).ok());
  ASSERT_TRUE(LoadParameters(*module, "detector", tensors, at::kFloat, at::kCPU).ok());
  EXPECT_TRUE(module->part->forward(x).allclose(expected, 1e-4, 1e-5));
}

TEST(ConvNormTest, TwoBranchesBecomeOneConvolution) {
  torch::manual_seed(2);
  const auto module =
      std::make_shared<Layered>(std::vector<ConvNormNames>{{"a.0", "a.1"}, {"b.0", "b.1"}});
  const std::vector<Branch> branches = {{"a.0", "a.1", 3}, {"b.0", "b.1", 1}};
  TensorMap tensors = RandomTensors(branches);
  const at::Tensor x = at::randn({1, 2, 6, 6});
  const at::Tensor expected = Unfolded(x, tensors, branches[0]) + Unfolded(x, tensors, branches[1]);
  ASSERT_TRUE(FoldBatchNorms(*module, "detector", tensors).ok());
  ASSERT_TRUE(LoadParameters(*module, "detector", tensors, at::kFloat, at::kCPU).ok());
  EXPECT_TRUE(module->part->forward(x).allclose(expected, 1e-4, 1e-5));
}

TEST(ConvNormTest, NamesTheTensorThatIsMissingOrMisShaped) {
  const auto module = std::make_shared<Layered>(std::vector<ConvNormNames>{{"conv", "norm"}});
  TensorMap tensors = RandomTensors({{"conv", "norm", 3}});
  tensors.erase("detector.part.norm.running_var");
  EXPECT_THAT(std::string(FoldBatchNorms(*module, "detector", tensors).message()),
              HasSubstr("missing tensor 'detector.part.norm.running_var'"));
  tensors = RandomTensors({{"conv", "norm", 1}});
  EXPECT_THAT(std::string(FoldBatchNorms(*module, "detector", tensors).message()),
              HasSubstr("mis-shaped tensor 'detector.part.conv.weight': expected [4, 2, 3, 3], got "
                        "[4, 2, 1, 1]"));
}

TEST(ConvNormTest, AStatisticThatCannotBeIsRefusedWhenLoaded) {
  for (const float bad : {-1.0f, std::numeric_limits<float>::infinity()}) {
    const auto module = std::make_shared<Layered>(std::vector<ConvNormNames>{{"conv", "norm"}});
    TensorMap tensors = RandomTensors({{"conv", "norm", 3}});
    tensors[bad < 0 ? "detector.part.norm.running_var" : "detector.part.norm.running_mean"][0] =
        bad;
    ASSERT_TRUE(FoldBatchNorms(*module, "detector", tensors).ok());
    EXPECT_THAT(
        std::string(LoadParameters(*module, "detector", tensors, at::kFloat, at::kCPU).message()),
        HasSubstr("not finite, the first: detector.part."));
  }
}

TEST(ConvNormTest, AModuleWithoutNormsKeepsItsTensors) {
  const auto module = std::make_shared<torch::nn::Module>();
  TensorMap tensors = {{"detector.stem.weight", at::ones({1})}};
  ASSERT_TRUE(FoldBatchNorms(*module, "detector", tensors).ok());
  EXPECT_EQ(tensors.size(), 1u);
}

}  // namespace
}  // namespace mrmllm
