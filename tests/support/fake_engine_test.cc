// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_engine.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

AnswerInput Ask(const std::string& question) {
  AnswerInput input;
  input.question = question;
  return input;
}

TEST(FakeEngineTest, AnswersTokenByToken) {
  FakeEngine engine;
  engine.SetAnswer("Q", {"a", " dog"});
  auto sequence = engine.StartSequence(Ask("Q"));
  ASSERT_OK(sequence.status());
  ASSERT_TRUE((*sequence)->Reserve());
  const PrefillItem prompt{sequence->get(), (*sequence)->pending_prompt_tokens()};
  auto first = engine.Prefill({&prompt, 1})[0];
  ASSERT_OK(first);
  EXPECT_EQ(first->text, "a");
  EXPECT_EQ(first->finish, FinishReason::kNone);
  Sequence* running = sequence->get();
  auto second = engine.Decode({&running, 1})[0];
  ASSERT_OK(second);
  EXPECT_EQ(second->text, " dog");
  EXPECT_EQ(second->finish, FinishReason::kStop);
}

TEST(FakeEngineTest, CountsLiveSequences) {
  FakeEngine engine;
  auto sequence = engine.StartSequence(Ask("Q"));
  EXPECT_EQ(engine.live_sequences(), 1);
  sequence->reset();
  EXPECT_EQ(engine.live_sequences(), 0);
}

TEST(FakeEngineTest, TellsOfADecodeBeforeThePromptsEnd) {
  FakeEngine engine;
  auto sequence = engine.StartSequence(Ask("Q"));
  Sequence* early = sequence->get();
  engine.Decode({&early, 1}).clear();
  EXPECT_THAT(engine.violations(), SizeIs(1));
}

TEST(FakeEngineTest, PoolHasRoomAgainOnceASequenceHasGone) {
  FakeEngine engine;
  engine.SetKvPool(10, 16);
  AnswerInput input = Ask("Q");
  engine.SetPromptTokens("Q", 50);
  input.generation.max_new_tokens = 50;
  auto first = engine.StartSequence(input);
  auto second = engine.StartSequence(input);
  EXPECT_EQ((*first)->kv_blocks_needed(), 7);
  EXPECT_TRUE((*first)->Reserve());
  EXPECT_FALSE((*second)->Reserve());
  EXPECT_EQ(engine.kv_usage(), (KvUsage{.total_blocks = 10, .reserved_blocks = 7}));
  first->reset();
  EXPECT_TRUE((*second)->Reserve());
}

TEST(FakeEngineTest, TellsOfAPrefillBeforeReserve) {
  FakeEngine engine;
  auto sequence = engine.StartSequence(Ask("Q"));
  const PrefillItem prompt{sequence->get(), 1};
  engine.Prefill({&prompt, 1}).clear();
  EXPECT_THAT(engine.violations(), ElementsAre("Prefill before Reserve"));
}

TEST(FakeEngineTest, TellsOfAStepBeyondItsBounds) {
  FakeEngine engine;
  engine.SetBounds({.images = 2, .pixels = 100, .prompt_tokens = 1, .sequences = 1});
  const PerceiveItem big{MakeImage(20, 20)};
  engine.Perceive({&big, 1}).clear();
  EXPECT_THAT(engine.violations(), IsEmpty());
  const PerceiveItem two[] = {{MakeImage(10, 6)}, {MakeImage(10, 6)}};
  engine.Perceive(two).clear();
  EXPECT_THAT(engine.violations(), ElementsAre("a step of 120 pixels, bound 100"));
}

TEST(FakeEngineTest, StepsOfAKindTakeTheirTime) {
  FakeEngine engine;
  FakeClock clock;
  engine.SetStepDuration(&clock, StepKind::kPerceive, absl::Seconds(3), absl::Seconds(1));
  const absl::Time before = clock.Now();
  const PerceiveItem two[] = {{MakeImage(1, 1)}, {MakeImage(2, 2)}};
  engine.Perceive(two).clear();
  EXPECT_EQ(clock.Now() - before, absl::Seconds(5));
}

TEST(FakeEngineTest, NothingSucceedsOnceTheDeviceHasFailed) {
  FakeEngine engine;
  engine.FailDevice();
  const PerceiveItem item{MakeImage(1, 1)};
  EXPECT_THAT(engine.Perceive({&item, 1})[0].status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(engine.StartSequence(Ask("Q")).status(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(FakeEngineTest, HeldStepWaitsToBeLetPass) {
  FakeEngine engine;
  engine.Hold();
  std::thread executor([&] {
    const PerceiveItem item{MakeImage(2, 1)};
    for (int i = 0; i < 2; ++i) EXPECT_OK(engine.Perceive({&item, 1})[0].status());
  });
  engine.AwaitHeld();
  EXPECT_THAT(engine.steps(), SizeIs(1));
  engine.LetOnePass();
  engine.AwaitHeld();
  EXPECT_THAT(engine.steps(), SizeIs(2));
  engine.Release();
  executor.join();
}

}  // namespace
}  // namespace mrmllm
