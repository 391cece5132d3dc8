// SPDX-License-Identifier: Apache-2.0
// A small random Llama of transformers' own, with its logits.
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

constexpr double kTolerance = 1e-4;

class LanguageGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    auto tensors = MapSafetensors(MRMLLM_SOURCE_DIR "/tests/golden/data/language_tiny.safetensors");
    ASSERT_TRUE(tensors.ok()) << tensors.status();
    golden_ = *std::move(tensors);
    const absl::Status status =
        LoadParameters(*model_, "language_model", golden_, at::kFloat, at::kCPU);
    ASSERT_TRUE(status.ok()) << status;
    model_->Prepare();
  }

  std::vector<int32_t> Tokens(int64_t row) {
    const at::Tensor ids = golden_.at("golden.input_ids")[row].contiguous();
    return {ids.const_data_ptr<int32_t>(), ids.const_data_ptr<int32_t>() + ids.numel()};
  }

  // As the file's `config` says.
  static LanguageConfig Config() {
    LanguageConfig config = TinyLanguageConfig();
    config.vocab_size = 97;
    config.intermediate_size = 160;
    config.num_hidden_layers = 2;
    config.max_position_embeddings = 128;
    return config;
  }

  TensorMap golden_;
  LanguageModel model_{Config()};
};

TEST_F(LanguageGoldenTest, EveryPositionsLogitsAreTransformers) {
  for (int64_t row = 0; row < 2; ++row) {
    const auto tokens = Tokens(row);
    const auto cache = TinyCache(model_);
    const at::Tensor logits = model_->ForwardAllTokens({{tokens, cache.get()}});
    EXPECT_LT(Distance(logits, golden_.at("golden.logits")[row]), kTolerance) << "row " << row;
  }
}

TEST_F(LanguageGoldenTest, SoAreTheyThroughLibtorchsOperators) {
  const ScopedPlainOperators plain;
  const auto tokens = Tokens(0);
  const auto cache = TinyCache(model_);
  const at::Tensor logits = model_->ForwardAllTokens({{tokens, cache.get()}});
  EXPECT_LT(Distance(logits, golden_.at("golden.logits")[0]), kTolerance);
}

TEST_F(LanguageGoldenTest, SoAreTheyTokenByTokenInABatchOfTwo) {
  const std::vector<int32_t> tokens[] = {Tokens(0), Tokens(1)};
  const auto a = TinyCache(model_), b = TinyCache(model_);
  for (size_t t = 0; t < tokens[0].size(); ++t) {
    const at::Tensor logits = model_->Forward({{absl::MakeConstSpan(&tokens[0][t], 1), a.get()},
                                               {absl::MakeConstSpan(&tokens[1][t], 1), b.get()}});
    const at::Tensor expected = golden_.at("golden.logits").select(1, static_cast<int64_t>(t));
    EXPECT_LT(Distance(logits, expected), kTolerance) << "token " << t;
  }
}

}  // namespace
}  // namespace mrmllm
