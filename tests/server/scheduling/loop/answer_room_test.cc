// SPDX-License-Identifier: Apache-2.0
//
// Answers that wait for key-value blocks.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// A pool of ten blocks of ten tokens.
class AnswerRoomTest : public ExecutorFixture {
 protected:
  AnswerRoomTest() : ExecutorFixture({.max_running_sequences = 8}) { engine_.SetKvPool(10, 10); }

  // An answer that needs so many blocks and takes `tokens` steps.
  RequestBuilder Answer(const std::string& question, int blocks, int tokens = 1) {
    engine_.SetPromptTokens(question, 10 * blocks - tokens);
    engine_.SetAnswer(question, std::vector<std::string>(tokens, "x"));
    return NewRequest().Question(question, tokens);
  }
  int64_t Reserved() const { return engine_.kv_usage().reserved_blocks; }
};

TEST_F(AnswerRoomTest, AnswerWithoutRoomWaitsForOneThatHasIt) {
  auto first = Add(Answer("first", 6, 3));
  auto second = Add(Answer("second", 6));
  TakeStep();
  EXPECT_THAT(LastStep().questions, ElementsAre("first"));
  while (!first->done()) TakeStep();
  EXPECT_EQ(Reserved(), 0);
  TakeStep();
  EXPECT_THAT(LastStep().questions, ElementsAre("second"));
  EXPECT_THAT(second->status(), IsOk());
}

TEST_F(AnswerRoomTest, SequenceIsStartedOnceHoweverOftenItAsksForRoom) {
  Add(Answer("first", 6, 5));
  Add(Answer("second", 6));
  TakeAllSteps();
  EXPECT_THAT(engine_.started(), ElementsAre("first", "second"));
}

TEST_F(AnswerRoomTest, SmallAnswersDoNotPassABigOneForEver) {
  Add(Answer("running", 5, 6));
  TakeStep();
  auto big = Add(Answer("big", 10));
  for (int i = 0; i < 10; ++i) Add(Answer(std::string("small") + std::to_string(i), 1));
  while (!big->done()) TakeStep();
  for (const FakeEngine::Step& step : engine_.steps()) {
    for (const std::string& question : step.questions) {
      EXPECT_THAT(question, AnyOf("running", "big"));
    }
  }
  TakeAllSteps();
  EXPECT_THAT(engine_.started(), SizeIs(12));
}

TEST_F(AnswerRoomTest, NothingIsPreemptedForAMoreUrgentAnswer) {
  auto running = Add(Answer("running", 10, 4));
  TakeStep();
  auto urgent = Add(Answer("urgent", 10).Urgency(Priority::kHigh));
  TakeAllSteps();
  EXPECT_THAT(running->status(), IsOk());
  EXPECT_EQ(running->result().answer, "xxxx");
  EXPECT_THAT(urgent->status(), IsOk());
}

TEST_F(AnswerRoomTest, CancelFreesTheBlocksAtOnce) {
  Add(Answer("Q", 6, 9));
  TakeStep();
  EXPECT_EQ(Reserved(), 6);
  executor_.Cancel(last_handle_);
  EXPECT_EQ(Reserved(), 0);
}

TEST_F(AnswerRoomTest, AnswerThatCanNeverFitIsRefusedByTheEngine) {
  auto heard = Add(Answer("Q", 11));
  TakeAllSteps();
  EXPECT_THAT(heard->status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("key-value blocks")));
}

// Says that it has no room though nobody has any.
class FullEngine : public FakeEngine {
 public:
  absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput&) override {
    class NoRoom : public Sequence {
      bool Reserve() override { return false; }
      int pending_prompt_tokens() const override { return 1; }
      TokenUsage usage() const override { return {}; }
      size_t cache_bytes() const override { return 0; }
    };
    return std::make_unique<NoRoom>();
  }
};

TEST(AnswerRoomFaultTest, EngineThatIsFullWithoutAnAnswerDoesNotHangTheExecutor) {
  const Scheduler::Options options;
  FakeClock clock;
  FullEngine engine;
  RecordingObserver observer;
  Forecast forecast(options);
  BatchExecutor executor(&options, &engine, &forecast, &clock, &observer);
  auto heard = std::make_shared<RecordingListener>();
  executor.Add({.handle = 1, .request = RequestBuilder(clock.Now()).Question("Q").Build(heard)});
  executor.PrepareStep(clock.Now());
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kInternal, HasSubstr("no room")));
}

}  // namespace
}  // namespace mrmllm
