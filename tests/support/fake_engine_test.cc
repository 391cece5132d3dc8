// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_engine.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

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
