// SPDX-License-Identifier: Apache-2.0
#include "server/models/served_model.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/fake_models.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

std::vector<std::unique_ptr<Engine>> EnginesWithLabels(std::vector<int> label_counts) {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const int count : label_counts) engines.push_back(std::make_unique<FakeEngine>(count));
  return engines;
}

TEST(ServedModelTest, RefusesEnginesWithDifferentModels) {
  FakeClock clock;
  const auto model = ServedModel::Create({}, EnginesWithLabels({3, 4}), &clock, nullptr);
  EXPECT_THAT(model.status(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(model.status().message()), testing::HasSubstr("device.name"));
}

TEST(ServedModelTest, ItsRulesKnowItsLabels) {
  FakeClock clock;
  const auto model = *ServedModel::Create({.max_images_per_request = 2}, EnginesWithLabels({3, 3}),
                                          &clock, nullptr);
  EXPECT_EQ(model->rules().max_images_per_request, 2);
  EXPECT_THAT(model->rules().engine->labels, testing::SizeIs(3));
}

TEST(ServedModelTest, AddsUpWhatItsEnginesHold) {
  FakeClock clock;
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < 2; ++i) {
    auto engine = std::make_unique<FakeEngine>();
    engine->SetKvPool(10, 16);
    engines.push_back(std::move(engine));
  }
  const auto model = *ServedModel::Create({}, std::move(engines), &clock, nullptr);
  EXPECT_EQ(model->kv_usage().total_blocks, 20);
}

}  // namespace
}  // namespace mrmllm
