// SPDX-License-Identifier: Apache-2.0
// What the whole design stands on: a gate of exactly 0 changes no bit, an open one does.
#include <memory>
#include <vector>

#include "gtest/gtest.h"

#include "tests/model/fusion/tiny_fusion.h"

namespace mrmllm {
namespace {

std::shared_ptr<const CrossModalMemory> MemoryOf(Fusion& fusion, const Streams& streams,
                                                 const std::vector<Detection>& detections) {
  const at::Tensor q_shared = fusion->FuseQueries(streams.comprehension, streams.perception);
  return fusion->BuildMemory({{q_shared[0], detections}});
}

// Logits of a prompt and of three decode steps after it.
at::Tensor Answer(LanguageModel& model, const std::vector<int32_t>& tokens,
                  const CrossModalMemory* memory) {
  const auto cache = TinyCache(model);
  const auto all = absl::MakeConstSpan(tokens);
  const size_t prompt = tokens.size() - 3;
  std::vector<at::Tensor> logits = {
      model->ForwardAllTokens({{all.subspan(0, prompt), cache.get(), memory}})};
  for (size_t t = prompt; t < tokens.size(); ++t) {
    logits.push_back(model->Forward({{all.subspan(t, 1), cache.get(), memory}}));
  }
  return at::cat(logits, 0);
}

TEST(GatesTest, ClosedDecoderIntegrationChangesNoBit) {
  LanguageModel model = TinyLanguageModel();
  Fusion fusion = TinyFusion(0);
  const auto tokens = RandomTokens(25);
  const at::Tensor alone = Answer(model, tokens, nullptr);
  model->set_integration(fusion->integration());
  EXPECT_TRUE(fusion->integration_closed());
  EXPECT_EQ(MemoryOf(fusion, RandomStreams(1), TwoDetections()), nullptr);
  EXPECT_TRUE(at::equal(Answer(model, tokens, nullptr), alone));

  fusion->set_compute_closed_paths(true);
  const auto memory = MemoryOf(fusion, RandomStreams(1), TwoDetections());
  ASSERT_NE(memory, nullptr);
  EXPECT_TRUE(at::equal(Answer(model, tokens, memory.get()), alone));
}

TEST(GatesTest, OpenDecoderIntegrationChangesTheAnswer) {
  LanguageModel model = TinyLanguageModel();
  Fusion fusion = TinyFusion(0.5);
  model->set_integration(fusion->integration());
  const auto tokens = RandomTokens(25);
  const auto memory = MemoryOf(fusion, RandomStreams(1), TwoDetections());
  ASSERT_NE(memory, nullptr);
  EXPECT_GT(Distance(Answer(model, tokens, memory.get()), Answer(model, tokens, nullptr)), 1e-2);
}

TEST(GatesTest, AFloatFusionServesABfloat16Decoder) {
  LanguageModel model = TinyLanguageModel(at::kBFloat16);
  Fusion fusion = TinyFusion(0.5);
  model->set_integration(fusion->integration());
  const auto tokens = RandomTokens(25);
  const auto memory = MemoryOf(fusion, RandomStreams(1), TwoDetections());
  EXPECT_GT(Distance(Answer(model, tokens, memory.get()), Answer(model, tokens, nullptr)), 1e-2);
}

TEST(GatesTest, ClosedReinforcementChangesNoBit) {
  Fusion fusion = TinyFusion(0);
  const Streams streams = RandomStreams(2);
  const at::Tensor q_shared = fusion->FuseQueries(streams.comprehension, streams.perception);
  EXPECT_TRUE(fusion->reinforcement_closed());
  EXPECT_FALSE(fusion->needs_queries());
  for (const bool compute : {false, true}) {
    fusion->set_compute_closed_paths(compute);
    const auto reinforced = fusion->ReinforcePerception(streams.perception, q_shared);
    for (int level = 0; level < 3; ++level) {
      EXPECT_TRUE(at::equal(reinforced[level], streams.perception[level])) << level;
    }
  }
}

TEST(GatesTest, OpenReinforcementChangesEveryLevel) {
  Fusion fusion = TinyFusion(0.5);
  const Streams streams = RandomStreams(2);
  const at::Tensor q_shared = fusion->FuseQueries(streams.comprehension, streams.perception);
  const auto reinforced = fusion->ReinforcePerception(streams.perception, q_shared);
  EXPECT_TRUE(fusion->needs_queries());
  for (int level = 0; level < 3; ++level) {
    EXPECT_GT(Distance(reinforced[level], streams.perception[level]), 1e-2) << level;
  }
}

TEST(GatesTest, OneOpenLevelLeavesTheOthersUntouched) {
  Fusion fusion = TinyFusion(0);
  {
    const torch::NoGradGuard no_grad;
    fusion->named_parameters()["perception_reinforcement.gate"][1] = 1;
  }
  fusion->Prepare();
  const Streams streams = RandomStreams(1);
  const at::Tensor q_shared = fusion->FuseQueries(streams.comprehension, streams.perception);
  const auto reinforced = fusion->ReinforcePerception(streams.perception, q_shared);
  EXPECT_TRUE(at::equal(reinforced[0], streams.perception[0]));
  EXPECT_FALSE(at::equal(reinforced[1], streams.perception[1]));
  EXPECT_TRUE(at::equal(reinforced[2], streams.perception[2]));
}

TEST(GatesTest, ASequenceWithoutMemoryIgnoresANeighbourWithOne) {
  LanguageModel model = TinyLanguageModel();
  Fusion fusion = TinyFusion(0.5);
  model->set_integration(fusion->integration());
  const auto memory = MemoryOf(fusion, RandomStreams(1), TwoDetections());
  const auto tokens = RandomTokens(9);
  const auto a = TinyCache(model), b = TinyCache(model), c = TinyCache(model), d = TinyCache(model);
  const at::Tensor without = model->Forward({{tokens, a.get()}});
  const at::Tensor with = model->Forward({{tokens, b.get(), memory.get()}});
  const at::Tensor both = model->Forward({{tokens, c.get()}, {tokens, d.get(), memory.get()}});
  EXPECT_LT(Distance(both[0], without[0]), 2e-4);
  EXPECT_LT(Distance(both[1], with[0]), 2e-4);
  EXPECT_GT(Distance(both[0], both[1]), 1e-2);
}

}  // namespace
}  // namespace mrmllm
