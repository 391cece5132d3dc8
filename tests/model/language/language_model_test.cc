// SPDX-License-Identifier: Apache-2.0
#include "model/language/language_model.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

constexpr double kTolerance = 2e-4;

// All logits of a prompt processed at once, [tokens, vocab].
at::Tensor Whole(LanguageModel& model, const std::vector<int32_t>& tokens) {
  const auto cache = TinyCache(model);
  return model->ForwardAllTokens({{tokens, cache.get()}});
}

TEST(LanguageModelTest, ParametersCarryHuggingFaceNames) {
  LanguageModel model(TinyLanguageConfig());
  std::vector<std::string> names;
  for (const auto& item : model->named_parameters()) names.push_back(item.key());
  EXPECT_EQ(names.size(), 2 + 3 * 9);
  EXPECT_THAT(names, testing::IsSupersetOf(
                         {"model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight",
                          "model.layers.2.input_layernorm.weight", "model.norm.weight",
                          "model.layers.1.post_attention_layernorm.weight",
                          "model.layers.1.mlp.gate_proj.weight"}));
}

TEST(LanguageModelTest, AnUntiedHeadIsAParameterOfItsOwn) {
  LanguageConfig config = TinyLanguageConfig();
  config.tie_word_embeddings = false;
  LanguageModel model(config);
  EXPECT_TRUE(model->named_parameters().contains("lm_head.weight"));
}

TEST(LanguageModelTest, ForwardReturnsTheLastTokensLogits) {
  LanguageModel model = TinyLanguageModel();
  const auto tokens = RandomTokens(9);
  const auto cache = TinyCache(model);
  const at::Tensor last = model->Forward({{tokens, cache.get()}});
  EXPECT_LT(Distance(last[0], Whole(model, tokens)[8]), kTolerance);
  EXPECT_EQ(cache->length(), 9);
}

TEST(LanguageModelTest, TokensOneByOneGiveTheSameAsAllAtOnce) {
  LanguageModel model = TinyLanguageModel();
  const auto tokens = RandomTokens(30);
  const at::Tensor whole = Whole(model, tokens);
  const auto cache = TinyCache(model);
  for (size_t t = 0; t < tokens.size(); ++t) {
    const at::Tensor one = model->Forward({{absl::MakeConstSpan(&tokens[t], 1), cache.get()}});
    EXPECT_LT(Distance(one[0], whole[t]), kTolerance) << "token " << t;
  }
}

TEST(LanguageModelTest, ChunkedPrefillGivesTheSameAsWhole) {
  LanguageModel model = TinyLanguageModel();
  const auto tokens = RandomTokens(60);
  const at::Tensor whole = Whole(model, tokens);
  for (const size_t chunk : {5, 17, 23}) {
    const auto cache = TinyCache(model);
    for (size_t t = 0; t < tokens.size(); t += chunk) {
      const auto part = absl::MakeConstSpan(tokens).subspan(t, chunk);
      const at::Tensor all = model->ForwardAllTokens({{part, cache.get()}});
      EXPECT_LT(Distance(all, whole.narrow(0, t, part.size())), kTolerance) << "chunk " << chunk;
    }
  }
}

TEST(LanguageModelTest, ARaggedBatchGivesTheSameAsEachSequenceAlone) {
  LanguageModel model = TinyLanguageModel();
  const std::vector<int> past = {0, 3, 20, 0, 41, 7};
  const std::vector<int> now = {4, 1, 1, 33, 18, 1};
  std::vector<std::vector<int32_t>> tokens;
  std::vector<std::unique_ptr<KvCache>> caches;
  std::vector<LanguageInput> batch;
  std::vector<at::Tensor> expected;
  for (size_t i = 0; i < past.size(); ++i) {
    tokens.push_back(RandomTokens(past[i] + now[i]));
    expected.push_back(Whole(model, tokens[i])[past[i] + now[i] - 1]);
    caches.push_back(TinyCache(model));
    const auto all = absl::MakeConstSpan(tokens[i]);
    if (past[i] > 0) model->Forward({{all.subspan(0, past[i]), caches[i].get()}});
    batch.push_back({all.subspan(past[i]), caches[i].get()});
  }
  const at::Tensor logits = model->Forward(batch);
  for (size_t i = 0; i < past.size(); ++i) {
    EXPECT_LT(Distance(logits[i], expected[i]), kTolerance) << "sequence " << i;
  }
}

TEST(LanguageModelTest, OurKernelsAgreeWithLibtorchsOperators) {
  LanguageModel model = TinyLanguageModel();
  for (const int count : {1, 7, 16, 40}) {
    const auto tokens = RandomTokens(count);
    const at::Tensor own = Whole(model, tokens);
    const ScopedPlainOperators plain;
    EXPECT_LT(Distance(own, Whole(model, tokens)), kTolerance) << count << " tokens";
  }
}

TEST(LanguageModelTest, RunsInBfloat16) {
  LanguageModel wide = TinyLanguageModel();
  LanguageModel narrow = TinyLanguageModel(at::kBFloat16);
  const auto tokens = RandomTokens(20);
  const at::Tensor expected = Whole(wide, tokens);
  const at::Tensor logits = Whole(narrow, tokens);
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  EXPECT_LT(Distance(logits, expected), 0.1 * expected.abs().max().item<double>());
}

TEST(LanguageModelTest, PrepareKeepsEveryParametersValue) {
  LanguageModel model(TinyLanguageConfig());
  Randomize(*model);
  std::vector<at::Tensor> before;
  for (const at::Tensor& p : model->parameters()) before.push_back(p.clone());
  model->Prepare();
  const auto after = model->parameters();
  for (size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(at::equal(after[i], before[i]));
}

TEST(LanguageModelTest, AStepThatCannotRunThrowsAndLeavesEveryCacheAsItWas) {
  LanguageModel model = TinyLanguageModel();
  const auto tokens = RandomTokens(5);
  const auto roomy = TinyCache(model);
  const auto small = TinyCache(model, 4);
  EXPECT_THROW(model->Forward({{tokens, roomy.get()}, {tokens, small.get()}}), c10::Error);
  EXPECT_THROW(model->Forward({{{}, roomy.get()}}), c10::Error);
  EXPECT_EQ(roomy->length(), 0);
  EXPECT_EQ(small->length(), 0);
}

TEST(LanguageModelTest, AnEmptyStepHasNoLogits) {
  LanguageModel model = TinyLanguageModel();
  EXPECT_EQ(model->Forward({}).sizes(), (std::vector<int64_t>{0, 61}));
}

TEST(LanguageModelTest, ATruncatedCacheContinuesLikeAFreshOne) {
  LanguageModel model = TinyLanguageModel();
  const auto tokens = RandomTokens(20);
  const auto cache = TinyCache(model);
  model->Forward({{RandomTokens(30), cache.get()}});
  cache->Truncate(0);
  EXPECT_LT(Distance(model->ForwardAllTokens({{tokens, cache.get()}}), Whole(model, tokens)),
            kTolerance);
}

}  // namespace
}  // namespace mrmllm
