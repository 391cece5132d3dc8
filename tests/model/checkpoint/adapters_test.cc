// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/adapters.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

constexpr const char* kDown = "language_model.model.layers.1.mlp.down_proj";

LanguageConfig Language() {
  LanguageConfig config;
  config.hidden_size = 12;
  config.intermediate_size = 20;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 6;
  return config;
}

class AdaptersTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    for (const AdaptedProjection& projection : AdaptedProjections(Language())) {
      adapters_[projection.a_name()] = torch::randn({config_.rank, projection.in});
      adapters_[projection.b_name()] = torch::randn({projection.out, config_.rank});
      tensors_[projection.weight_name()] =
          torch::randn({projection.out, projection.in}).to(at::kBFloat16);
    }
    tensors_["language_model.model.norm.weight"] = torch::ones({12});
  }

  void ExpectRefused(const std::string& message) {
    EXPECT_THAT(CheckAdapters(adapters_, config_, Language()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  }

  const AdapterConfig config_ = {.rank = 3, .alpha = 6};
  TensorMap adapters_;
  TensorMap tensors_;
};

TEST_F(AdaptersTest, EveryLinearLayerHasOne) {
  EXPECT_EQ(AdaptedProjections(Language()).size(), 14u);
  EXPECT_THAT(CheckAdapters(adapters_, config_, Language()), IsOk());
  const AdaptedProjection down = AdaptedProjections(Language()).back();
  EXPECT_EQ(down.a_name(), "language_model.model.layers.1.mlp.down_proj.lora_A.weight");
  EXPECT_EQ(down.in, 20);
  EXPECT_EQ(down.out, 12);
}

TEST_F(AdaptersTest, NamesWhatIsMissing) {
  adapters_.erase(std::string(kDown) + ".lora_B.weight");
  ExpectRefused("missing tensor: language_model.model.layers.1.mlp.down_proj.lora_B.weight");
}

TEST_F(AdaptersTest, NamesWhatIsExtra) {
  adapters_["language_model.model.layers.2.mlp.down_proj.lora_A.weight"] = torch::zeros({3, 20});
  ExpectRefused("unexpected tensor: language_model.model.layers.2");
}

TEST_F(AdaptersTest, NamesWhatIsMisShaped) {
  adapters_[std::string(kDown) + ".lora_A.weight"] = torch::zeros({4, 20});
  ExpectRefused("down_proj.lora_A.weight': expected [3, 20], got [4, 20]");
}

TEST_F(AdaptersTest, NamesWhatIsNoNumber) {
  adapters_[std::string(kDown) + ".lora_A.weight"][1][2] = NAN;
  ExpectRefused("not finite: language_model.model.layers.1.mlp.down_proj.lora_A.weight");
}

TEST_F(AdaptersTest, MergingAddsTheScaledProductInFloat32) {
  TensorMap merged = tensors_;
  MergeAdapters(adapters_, config_, Language(), merged);
  for (const AdaptedProjection& projection : AdaptedProjections(Language())) {
    const at::Tensor product = adapters_[projection.b_name()].mm(adapters_[projection.a_name()]);
    const at::Tensor expected = tensors_[projection.weight_name()].to(at::kFloat) + 2 * product;
    EXPECT_EQ(merged[projection.weight_name()].scalar_type(), at::kFloat);
    EXPECT_TRUE(at::allclose(merged[projection.weight_name()], expected, 1e-5, 1e-5));
  }
  EXPECT_TRUE(merged["language_model.model.norm.weight"].is_same(
      tensors_["language_model.model.norm.weight"]));
}

TEST_F(AdaptersTest, WithZeroBTheWeightsStayBitForBit) {
  TensorMap merged = tensors_;
  for (auto& [name, tensor] : adapters_) {
    if (name.ends_with("lora_B.weight")) tensor.zero_();
  }
  MergeAdapters(adapters_, config_, Language(), merged);
  for (const AdaptedProjection& projection : AdaptedProjections(Language())) {
    EXPECT_TRUE(at::equal(merged[projection.weight_name()].to(at::kBFloat16),
                          tensors_[projection.weight_name()]));
  }
}

}  // namespace
}  // namespace mrmllm
