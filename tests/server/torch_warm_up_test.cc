// SPDX-License-Identifier: Apache-2.0
#include "server/torch_warm_up.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_engine.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

std::set<size_t> SizesOf(const FakeEngine& engine, StepKind kind) {
  std::set<size_t> sizes;
  for (const FakeEngine::Step& step : engine.steps()) {
    if (step.kind != kind) continue;
    sizes.insert(kind == StepKind::kPerceive ? step.images.size() : step.questions.size());
  }
  return sizes;
}

TEST(TorchWarmUpTest, RunsEveryBatchThatRequestsWillMake) {
  FakeEngine engine;
  ASSERT_THAT(WarmUp(engine, {.images = 3, .prompt_tokens = 64, .sequences = 5}), IsOk());
  EXPECT_THAT(SizesOf(engine, StepKind::kPerceive), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(SizesOf(engine, StepKind::kDecode), testing::ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(engine.steps()[3].kind, StepKind::kLookAgain);
  EXPECT_THAT(engine.steps()[3].parts, testing::ElementsAre(3));
  EXPECT_THAT(engine.violations(), testing::IsEmpty());
  EXPECT_EQ(engine.live_sequences(), 0);
}

TEST(TorchWarmUpTest, MakesDoWithASmallPool) {
  FakeEngine engine;
  engine.SetKvPool(12, 16);
  ASSERT_THAT(WarmUp(engine, {.images = 1, .prompt_tokens = 64, .sequences = 16}), IsOk());
  EXPECT_THAT(engine.violations(), testing::IsEmpty());
  EXPECT_EQ(engine.live_sequences(), 0);
}

TEST(TorchWarmUpTest, SaysWhatFailed) {
  FakeEngine engine;
  engine.FailDevice();
  EXPECT_THAT(WarmUp(engine, {}), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace mrmllm
