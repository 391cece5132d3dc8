// SPDX-License-Identifier: Apache-2.0
//
// Cancel and deadline through the whole scheduler, while the engine is in the middle of a step.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/scheduler_fixture.h"

namespace mrmllm {
namespace {

using testing::SizeIs;

// Two images one by one, three chunks of prompt, three tokens: seven steps, numbered from 0.
constexpr int kLastStep = 6;

class CancellationTest : public SchedulerFixture, public testing::WithParamInterface<int> {
 protected:
  CancellationTest() {
    engine_.SetPromptTokens("Q", 250);
    engine_.SetAnswer("Q", {"a", "b", "c"});
    engine_.Hold();
  }

  // Brings the request into the middle of step GetParam().
  std::shared_ptr<RecordingListener> SubmitAndGoIntoStep(RequestBuilder builder) {
    Start({.max_batch_images = 1, .max_prefill_tokens = 100});
    auto heard = Submit(builder);
    for (int i = 0; i < GetParam(); ++i) {
      engine_.AwaitHeld();
      engine_.LetOnePass();
    }
    engine_.AwaitHeld();
    return heard;
  }
  RequestBuilder LongRequest() { return NewRequest().Image(1, 1).Image(2, 2).Question("Q"); }
};

TEST_P(CancellationTest, CancelledRequestLeavesAfterTheStep) {
  auto heard = SubmitAndGoIntoStep(LongRequest());
  scheduler_->Cancel(last_handle_);
  engine_.Release();
  const bool is_last = GetParam() == kLastStep;
  EXPECT_THAT(heard->AwaitDone(),
              StatusIs(is_last ? absl::StatusCode::kOk : absl::StatusCode::kCancelled));
  AwaitIdle();
  EXPECT_THAT(engine_.steps(), SizeIs(GetParam() + 1));
}

TEST_P(CancellationTest, ExpiredRequestLeavesAfterTheStep) {
  auto heard = SubmitAndGoIntoStep(LongRequest().Deadline(clock_.Now() + absl::Seconds(1)));
  clock_.Advance(absl::Seconds(1));
  engine_.Release();
  const bool is_last = GetParam() == kLastStep;
  EXPECT_THAT(heard->AwaitDone(),
              StatusIs(is_last ? absl::StatusCode::kOk : absl::StatusCode::kDeadlineExceeded));
  AwaitIdle();
  EXPECT_THAT(engine_.steps(), SizeIs(GetParam() + 1));
}

INSTANTIATE_TEST_SUITE_P(InEachStep, CancellationTest, testing::Range(0, kLastStep + 1));

class QueuedCancellationTest : public SchedulerFixture {};

TEST_F(QueuedCancellationTest, CancelledWhileQueuedNeverRuns) {
  engine_.Hold();
  Start({});
  auto running = Submit(NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  auto queued = Submit(NewRequest().Image(2, 2));
  scheduler_->Cancel(last_handle_);
  engine_.Release();
  EXPECT_THAT(queued->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(running->AwaitDone(), IsOk());
  AwaitIdle();
  EXPECT_THAT(engine_.steps(), SizeIs(1));
}

TEST_F(QueuedCancellationTest, CancelWakesARequestThatWaitsForCompany) {
  Start({.max_queue_delay = absl::Hours(1)});
  auto heard = Submit(NewRequest().Image(1, 1));
  clock_.BlockUntilWaiters(1);
  scheduler_->Cancel(last_handle_);
  EXPECT_THAT(heard->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(QueuedCancellationTest, DeadlineWakesARequestThatWaitsForCompany) {
  Start({.max_queue_delay = absl::Hours(1)});
  auto heard = Submit(NewRequest().Image(1, 1).Deadline(clock_.Now() + absl::Seconds(1)));
  clock_.BlockUntilWaiters(1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(heard->AwaitDone(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(QueuedCancellationTest, CancelHitsNobodyElse) {
  Start({});
  engine_.Hold();
  auto kept = Submit(NewRequest().Question("kept"));
  auto cancelled = Submit(NewRequest().Question("cancelled"));
  scheduler_->Cancel(last_handle_);
  scheduler_->Cancel(last_handle_ + 1000);
  engine_.Release();
  EXPECT_THAT(cancelled->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(kept->AwaitDone(), IsOk());
}

}  // namespace
}  // namespace mrmllm
