// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/fusion.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/model/fusion/tiny_fusion.h"

namespace mrmllm {
namespace {

using Shape = std::vector<int64_t>;

TEST(FusionTest, ParametersCarryTheCheckpointsNamesAndShapes) {
  Fusion fusion(TinyModelConfig());
  std::map<std::string, Shape> shapes;
  for (const auto& item : fusion->named_parameters()) {
    shapes[item.key()] = item.value().sizes().vec();
  }
  EXPECT_EQ(shapes.size(), 6u + 2 * 13 + 1 + 5 + 2 * 3 + 3 + 2 * 6);
  const std::map<std::string, Shape> some = {
      {"query_fusion.queries", {5, 32}},
      {"query_fusion.comprehension_proj.weight", {32, 20}},
      {"query_fusion.perception_proj.bias", {32}},
      {"query_fusion.level_embedding.weight", {4, 32}},
      {"query_fusion.blocks.1.self_attn.o_proj.weight", {32, 32}},
      {"query_fusion.blocks.0.mlp.up_proj.weight", {128, 32}},
      {"query_fusion.norm.weight", {32}},
      {"perception_reinforcement.q_proj.weight", {32, 12}},
      {"perception_reinforcement.o_proj.weight", {12, 32}},
      {"perception_reinforcement.gate", {3}},
      {"visual_proj.up_proj.weight", {64, 32}},
      {"perception_proj.down_proj.weight", {64, 64}},
      {"detection_embedding.label_embedding.weight", {3, 32}},
      {"detection_embedding.box_proj.weight", {32, 6}},
      {"integration.2.k_proj.weight", {32, 64}},
      {"integration.1.gate", {1}}};
  for (const auto& [name, shape] : some) EXPECT_EQ(shapes[name], shape) << name;
}

TEST(FusionTest, ABatchOfImagesGivesTheSameAsEachAlone) {
  Fusion fusion = TinyFusion(0.5);
  const Streams streams = RandomStreams(3);
  const at::Tensor batch = fusion->FuseQueries(streams.comprehension, streams.perception);
  const auto reinforced = fusion->ReinforcePerception(streams.perception, batch);
  EXPECT_EQ(batch.sizes().vec(), (Shape{3, 5, 32}));
  for (int64_t i = 0; i < 3; ++i) {
    std::vector<at::Tensor> levels;
    for (const at::Tensor& level : streams.perception) levels.push_back(level.narrow(0, i, 1));
    const at::Tensor one = fusion->FuseQueries(streams.comprehension.narrow(0, i, 1), levels);
    EXPECT_LT(Distance(one[0], batch[i]), 1e-4);
    EXPECT_LT(Distance(fusion->ReinforcePerception(levels, one)[0][0], reinforced[0][i]), 1e-4);
  }
}

TEST(FusionTest, QueriesReadBothStreamsAndEveryLevel) {
  Fusion fusion = TinyFusion(0.5);
  const Streams streams = RandomStreams(1);
  const at::Tensor before = fusion->FuseQueries(streams.comprehension, streams.perception);
  EXPECT_GT(Distance(fusion->FuseQueries(streams.comprehension * 2, streams.perception), before),
            1e-3);
  for (int level = 0; level < 3; ++level) {
    auto changed = streams.perception;
    changed[level] = changed[level] + 1;
    EXPECT_GT(Distance(fusion->FuseQueries(streams.comprehension, changed), before), 1e-3) << level;
  }
}

TEST(FusionTest, TheWrongNumberOfLevelsThrows) {
  Fusion fusion = TinyFusion(0.5);
  const Streams streams = RandomStreams(1);
  EXPECT_THROW(fusion->FuseQueries(streams.comprehension, {streams.perception[0]}), c10::Error);
}

TEST(FusionTest, ReinforcementAddsTheGatedAttentionToEveryPlace) {
  Fusion fusion = TinyFusion(0.25);
  const Streams streams = RandomStreams(1);
  const at::Tensor q_shared = torch::randn({1, 5, 32});
  const auto p = fusion->named_parameters();
  const auto weight = [&](const char* name) {
    return p[std::string("perception_reinforcement.") + name + ".weight"];
  };
  const at::Tensor place = streams.perception[1][0].select(1, 4).select(1, 7);  // [D_p]
  const at::Tensor q = at::mv(weight("q_proj"), place).view({4, 8});
  const at::Tensor k = at::linear(q_shared[0], weight("k_proj")).view({5, 4, 8});
  const at::Tensor v = at::linear(q_shared[0], weight("v_proj")).view({5, 4, 8});
  const at::Tensor scores = at::einsum("hd,khd->hk", {q, k}) / std::sqrt(8.0);
  const at::Tensor read = at::einsum("hk,khd->hd", {at::softmax(scores, 1), v}).reshape({32});
  const at::Tensor expected = place + 0.25 * at::mv(weight("o_proj"), read);
  const auto reinforced = fusion->ReinforcePerception(streams.perception, q_shared);
  EXPECT_LT(Distance(reinforced[1][0].select(1, 4).select(1, 7), expected), 1e-4);
}

TEST(FusionTest, MemoryHasARowForEveryQueryAndEveryDetection) {
  Fusion fusion = TinyFusion(0.5);
  const at::Tensor q_shared = torch::randn({2, 5, 32});
  const auto detections = TwoDetections();
  const auto memory = fusion->BuildMemory({{q_shared[0], detections}, {q_shared[1], {}}});
  EXPECT_EQ(memory->rows, 5 + 2 + 5);
  ASSERT_EQ(memory->layers.size(), 2u);
  EXPECT_EQ(memory->layers.at(1).key.sizes().vec(), (Shape{2, 12, 16}));
  EXPECT_EQ(memory->size_bytes(), 2u * 2 * 2 * 12 * 16 * 4);
}

TEST(FusionTest, MemoryOfNothingIsNull) {
  Fusion fusion = TinyFusion(0.5);
  EXPECT_EQ(fusion->BuildMemory({}), nullptr);
  EXPECT_EQ(fusion->BuildMemory({ImageMemoryInput{}}), nullptr);
}

TEST(FusionTest, IntegrationAddsGatedCrossAttention) {
  Fusion fusion = TinyFusion(0.25);
  const auto p = fusion->named_parameters();
  const auto memory = fusion->BuildMemory({{torch::randn({5, 32}), TwoDetections()}});
  const at::Tensor hidden = torch::randn({3, 64});
  const Segment segment{.row_begin = 1, .row_count = 2, .memory = memory.get()};
  const Segment none{.row_begin = 0, .row_count = 1};
  const at::Tensor out = fusion->integration()->Apply(2, hidden, {none, segment});

  const at::Tensor norm =
      hidden * at::rsqrt(hidden.square().mean(-1, true) + 1e-5) * p["integration.2.norm.weight"];
  const at::Tensor q = at::linear(norm, p["integration.2.q_proj.weight"]).view({3, 4, 16});
  const at::Tensor k = memory->layers.at(2).key.repeat_interleave(2, 0);  // [4, 7, 16]
  const at::Tensor v = memory->layers.at(2).value.repeat_interleave(2, 0);
  const at::Tensor scores = at::einsum("nhd,hmd->nhm", {q, k}) / 4.0;
  const at::Tensor read = at::einsum("nhm,hmd->nhd", {at::softmax(scores, -1), v}).reshape({3, 64});
  const at::Tensor expected = hidden + 0.25 * at::linear(read, p["integration.2.o_proj.weight"]);
  EXPECT_TRUE(at::equal(out[0], hidden[0]));
  EXPECT_LT(Distance(out.narrow(0, 1, 2), expected.narrow(0, 1, 2)), 1e-4);
}

TEST(FusionTest, IntegrationStandsInFrontOfTheConfiguredLayersOnly) {
  Fusion fusion = TinyFusion(0.5);
  EXPECT_FALSE(fusion->integration()->HasLayer(0));
  EXPECT_TRUE(fusion->integration()->HasLayer(1));
  EXPECT_TRUE(fusion->integration()->HasLayer(2));
}

TEST(DetectionEmbeddingTest, ReadsLabelBoxAreaAndScore) {
  DetectionEmbedding embedding(3, 8);
  Randomize(*embedding);
  const auto p = embedding->named_parameters();
  const auto detections = TwoDetections();
  const at::Tensor rows = embedding->forward(detections);
  const at::Tensor features =
      torch::tensor({0.5f, 0.5f, 0.6f, 0.7f, detections[1].box.area(), 0.3f});
  const at::Tensor expected =
      p["label_embedding.weight"][2] + p["box_proj.bias"] + at::mv(p["box_proj.weight"], features);
  EXPECT_LT(Distance(rows[1], expected), 1e-5);
}

TEST(DetectionEmbeddingTest, AClassWithoutLabelThrows) {
  DetectionEmbedding embedding(3, 8);
  Randomize(*embedding);
  const std::vector<Detection> detections = {Detection{.class_id = 3}};
  EXPECT_THROW(embedding->forward(detections), c10::Error);
}

TEST(PoolToBudgetTest, LeavesAtMostTheBudgetAndSmallLevelsAlone) {
  for (const int64_t side : {6, 13, 16, 17, 26, 52}) {
    const at::Tensor level = torch::ones({1, 2, side, side});
    const at::Tensor pooled = PoolToBudget(level);
    EXPECT_LE(pooled.size(2) * pooled.size(3), kMaxTokensPerLevel) << side;
    EXPECT_LT(Distance(pooled, torch::ones_like(pooled)), 1e-6) << side;
    if (side <= 16) {
      EXPECT_TRUE(at::equal(pooled, level));
    }
  }
}

TEST(PlaceEncodingTest, TellsEveryPlaceApart) {
  const at::Tensor places = PlaceEncoding(13, 13, 192);
  EXPECT_EQ(places.sizes().vec(), (Shape{169, 192}));
  const at::Tensor apart = at::cdist(places, places) + 100 * torch::eye(169);
  EXPECT_GT(apart.min().item<float>(), 0.5f);
}

}  // namespace
}  // namespace mrmllm
