// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_executor.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class BatchExecutorTest : public ExecutorFixture {
 protected:
  BatchExecutorTest() : ExecutorFixture({.max_batch_images = 1, .max_prefill_tokens = 100}) {}

  // Two images seen one by one, a prompt read in three chunks, three tokens: seven steps.
  static constexpr int kSteps = 7;
  RequestBuilder LongRequest() {
    engine_.SetPromptTokens("Q", 250);
    engine_.SetAnswer("Q", {"a", "b", "c"});
    return NewRequest().Image(1, 1).Image(2, 2).Question("Q");
  }
};

class BatchExecutorStageTest : public BatchExecutorTest, public testing::WithParamInterface<int> {
 protected:
  // The request after GetParam() of its steps.
  std::shared_ptr<RecordingListener> AddAndTakeSteps(RequestBuilder builder) {
    auto heard = Add(builder);
    for (int i = 0; i < GetParam(); ++i) EXPECT_TRUE(TakeStep());
    EXPECT_FALSE(heard->done());
    return heard;
  }
  void ExpectGone() {
    EXPECT_EQ(engine_.live_sequences(), 0);
    EXPECT_EQ(admission_.usage(), Admission::Usage{});
    EXPECT_FALSE(TakeStep());
    EXPECT_THAT(engine_.steps(), SizeIs(GetParam()));
    EXPECT_EQ(executor_.TakeEndedCount(), 1);
  }
};

TEST_P(BatchExecutorStageTest, CancelledRequestLeavesAndFreesEverything) {
  auto heard = AddAndTakeSteps(LongRequest());
  executor_.Cancel(last_handle_);
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(heard->done_count(), 1);
  ExpectGone();
}

TEST_P(BatchExecutorStageTest, ExpiredRequestLeavesAndFreesEverything) {
  const absl::Time deadline = clock_.Now() + absl::Seconds(1);
  auto heard = AddAndTakeSteps(LongRequest().Deadline(deadline));
  EXPECT_EQ(executor_.NextDeadline(), deadline);
  clock_.Advance(absl::Seconds(1));
  executor_.PrepareStep(clock_.Now());
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(executor_.NextDeadline(), absl::InfiniteFuture());
  ExpectGone();
}

TEST_P(BatchExecutorStageTest, EndedRequestLeavesAndFreesEverything) {
  auto heard = AddAndTakeSteps(LongRequest());
  executor_.EndAll(absl::UnavailableError("stop"));
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kUnavailable, "stop"));
  ExpectGone();
}

INSTANTIATE_TEST_SUITE_P(AfterEachStep, BatchExecutorStageTest, testing::Range(0, 7));

TEST_F(BatchExecutorTest, RequestThatIsNotDisturbedEndsWell) {
  auto heard = Add(LongRequest());
  for (int i = 0; i < kSteps; ++i) EXPECT_TRUE(TakeStep());
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_EQ(heard->result().answer, "abc");
  EXPECT_EQ(heard->done_count(), 1);
  EXPECT_TRUE(executor_.empty());
}

TEST_F(BatchExecutorTest, CancelAfterTheEndDoesNothing) {
  auto heard = Add(LongRequest());
  while (TakeStep()) {
  }
  executor_.Cancel(last_handle_);
  EXPECT_EQ(heard->done_count(), 1);
  EXPECT_THAT(heard->status(), IsOk());
}

TEST_F(BatchExecutorTest, DeadlineMessageSaysWhatTheRequestWasDoing) {
  auto heard = Add(RequestBuilder(clock_.Now()).Question("Q").Deadline(clock_.Now()));
  executor_.PrepareStep(clock_.Now());
  EXPECT_THAT(heard->status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("the images")));
}

TEST_F(BatchExecutorTest, CancelledAnswerKeepsWhatItHad) {
  auto heard = Add(LongRequest());
  for (int i = 0; i < 6; ++i) TakeStep();
  executor_.Cancel(last_handle_);
  EXPECT_EQ(heard->result().answer, "ab");
  EXPECT_EQ(heard->result().usage.answer_tokens, 2);
  EXPECT_EQ(heard->result().finish, FinishReason::kNone);
}

TEST_F(BatchExecutorTest, WaitingAnswerBeginsInOrderOfArrivalNotOfReadiness) {
  Add(RequestBuilder(clock_.Now()).Image(1, 1).Question("first"));
  TakeStep();  // its image is seen
  Add(RequestBuilder(clock_.Now()).Question("second"));
  TakeStep();
  EXPECT_THAT(engine_.started(), testing::ElementsAre("first", "second"));
}

TEST_F(BatchExecutorTest, ReportsTheLoadWhenItChanges) {
  Add(LongRequest());
  executor_.ReportLoad();
  EXPECT_EQ(observer_.last_load(), "1 waiting, 0 running, 0 bytes");
  for (int i = 0; i < 3; ++i) TakeStep();
  executor_.ReportLoad();
  EXPECT_EQ(observer_.last_load(), "0 waiting, 1 running, 10000 bytes");
}

// Gives one result too few.
class MiscountingEngine : public FakeEngine {
 public:
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override {
    return FakeEngine::Perceive(items.subspan(1));
  }
};

TEST(BatchExecutorFaultTest, EngineThatLosesCountFailsTheBatchNotTheExecutor) {
  const Scheduler::Options options;
  FakeClock clock;
  MiscountingEngine engine;
  RecordingObserver observer;
  Forecast forecast(options);
  BatchExecutor executor(&options, &engine, &forecast, &clock, &observer);
  auto heard = std::make_shared<RecordingListener>();
  executor.Add({.handle = 1, .request = RequestBuilder(clock.Now()).Image(1, 1).Build(heard)});
  executor.PrepareStep(clock.Now());
  executor.Run(PerceiveStep{1});
  EXPECT_THAT(heard->status(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("0 results for 1 items")));
}

}  // namespace
}  // namespace mrmllm
