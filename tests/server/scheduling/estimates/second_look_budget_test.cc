// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/second_look_budget.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/request_builder.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

std::vector<NormalizedBox> Parts(int count) {
  std::vector<NormalizedBox> parts;
  for (int i = 0; i < count; ++i) parts.push_back({0, 0, 1, 1.0f / static_cast<float>(i + 1)});
  return parts;
}

std::vector<size_t> CountsOf(const PartsOfImages& parts) {
  std::vector<size_t> counts;
  for (const auto& of_image : parts) counts.push_back(of_image.size());
  return counts;
}

TEST(SecondLookBudgetTest, KeepsTheBestOfEveryImageBeforeTheNextBestOfAny) {
  struct Row {
    int count;
    std::vector<size_t> kept;
  };
  for (const Row& row : std::vector<Row>{{-1, {0, 0, 0}},
                                         {0, {0, 0, 0}},
                                         {1, {1, 0, 0}},
                                         {2, {1, 0, 1}},
                                         {3, {2, 0, 1}},
                                         {4, {2, 0, 2}},
                                         {6, {3, 0, 3}},
                                         {100, {3, 0, 4}}}) {
    PartsOfImages parts = {Parts(3), {}, Parts(4)};
    KeepBest(row.count, &parts);
    EXPECT_EQ(CountsOf(parts), row.kept) << row.count;
    for (const auto& of_image : parts) {
      EXPECT_EQ(of_image, Parts(static_cast<int>(of_image.size()))) << row.count;
    }
  }
}

TEST(SecondLookBudgetTest, PlansNoMoreThanTheCallerWantsNorThanAStepHolds) {
  FakeEngine engine;
  engine.SetSecondLook(10, 1, Parts(10));
  const auto planned = [&](int max_crops, int max_batch_images) {
    Request request = RequestBuilder(absl::UnixEpoch())
                          .Image(10, 1)
                          .Image(20, 1)
                          .SecondLook(SecondLookMode::kAlways, max_crops)
                          .Build(nullptr);
    for (RequestImage& image : request.images) {
      auto seen = std::make_shared<Perception>();
      seen->width = image.input->width;
      seen->height = image.input->height;
      image.perception = std::move(seen);
    }
    return CountsOf(PlanParts(request, engine, {.max_batch_images = max_batch_images}));
  };
  EXPECT_THAT(planned(4, 8), ElementsAre(4, 0));
  EXPECT_THAT(planned(16, 8), ElementsAre(8, 0));
}

TEST(SecondLookBudgetTest, WhatWaitsLeavesARestOfABatch) {
  const Scheduler::Options options{.max_batch_images = 8};
  EXPECT_EQ(PartsBesides(0, options), 8);
  EXPECT_EQ(PartsBesides(5, options), 3);
  EXPECT_EQ(PartsBesides(8, options), 0);
  EXPECT_EQ(PartsBesides(100, options), 0);
}

}  // namespace
}  // namespace mrmllm
