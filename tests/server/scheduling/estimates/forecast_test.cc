// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/forecast.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1000);

absl::Time In(double seconds) { return kNow + absl::Seconds(seconds); }
WorkLeft Images(int count, absl::Time deadline = absl::InfiniteFuture()) {
  return {.tenant = 1, .deadline = deadline, .images = count};
}
// 1 s of prompt, 10 s of answer.
WorkLeft Answer(absl::Time deadline = absl::InfiniteFuture()) {
  return {.tenant = 1, .deadline = deadline, .prompt_tokens = 100, .max_answer_tokens = 10};
}
WorkLeft Running(WorkLeft work) {
  work.running = true;
  return work;
}

// An image takes 1 s, a prompt token 10 ms, a token 1 s for up to four answers together.
class ForecastTest : public testing::Test {
 protected:
  ForecastTest() {
    for (int n : {1, 2, 4, 8}) {
      forecast_.ObserveStep(StepKind::kPerceive, n, absl::Seconds(n));
      forecast_.ObserveStep(StepKind::kPrefill, 100 * n, absl::Seconds(n));
      forecast_.ObserveStep(StepKind::kDecode, n, absl::Seconds(1));
    }
    forecast_.ObservePrompt(100, 100);
    forecast_.ObserveAnswer(10, 10);
  }
  absl::Status Accept(const WorkLeft& work, bool may_degrade = false) {
    return forecast_.Accept(++last_handle_, work, may_degrade, kNow);
  }
  // The executor's: all that was accepted has reached it.
  void Publish(const std::vector<WorkLeft>& open, int slots = 4) {
    for (RequestHandle handle = 1; handle <= last_handle_; ++handle) forecast_.TakeIn(handle);
    forecast_.Publish(open, slots, kNow);
  }

  RequestHandle last_handle_ = 0;
  Forecast forecast_{
      {.max_batch_images = 8, .max_running_sequences = 4, .max_prefill_tokens = 1000}};
};

TEST(NewForecastTest, RefusesNothingBeforeAnythingWasMeasured) {
  Forecast forecast({});
  EXPECT_OK(forecast.Accept(1, Images(1000, In(1e-9)), false, kNow));
  EXPECT_OK(forecast.Accept(2, Answer(In(1e-9)), false, kNow));
  EXPECT_EQ(forecast.QueueWait(), absl::ZeroDuration());
  EXPECT_TRUE(forecast.AnswerFits(Answer(), absl::ZeroDuration()));
}

TEST_F(ForecastTest, RefusesWhatCouldNotBeDoneEvenAlone) {
  EXPECT_THAT(Accept(Images(4, In(2))),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("about 4s even alone")));
  EXPECT_THAT(Accept(Answer(In(5))), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ForecastTest, RefusesForTheQueueWhatCouldBeDoneAlone) {
  Publish({Images(10, In(1))});
  EXPECT_OK(Accept(Images(1, In(11))));
  Publish({Images(10, In(1))});
  EXPECT_THAT(Accept(Images(1, In(5))),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("about 11s with the work")));
}

TEST_F(ForecastTest, EstimateThatRefusesEverythingDoesNotLast) {
  EXPECT_FALSE(Accept(Images(1, In(0.1))).ok());
  absl::Time now = kNow;
  while (!forecast_.Accept(1, Images(1, now + absl::Seconds(0.1)), false, now).ok()) {
    now += absl::Seconds(1);
    ASSERT_LT(now, kNow + absl::Minutes(1));
  }
  EXPECT_GT(now, kNow + absl::Seconds(10));
}

TEST_F(ForecastTest, GivesTheBenefitOfTheDoubt) {
  EXPECT_OK(Accept(Images(4, In(3.3))));
  EXPECT_THAT(Accept(Images(4, In(3.1))), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ForecastTest, CountsWhatWasAcceptedSinceTheLastPublish) {
  WorkLeft urgent = Images(1);
  urgent.priority = Priority::kHigh;
  for (int i = 0; i < 10; ++i) EXPECT_OK(Accept(urgent));
  EXPECT_THAT(Accept(Images(1, In(2))), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(ForecastTest, WhatTheExecutorHasNotTakenInOutlivesItsPublish) {
  WorkLeft urgent = Images(10);
  urgent.priority = Priority::kHigh;
  EXPECT_OK(Accept(urgent));       // after the executor collected its news ...
  forecast_.Publish({}, 4, kNow);  // ... and before it published what it had
  EXPECT_THAT(Accept(Images(1, In(2))), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 10, 0.01);
  Publish({});  // it has it, and has done it
  EXPECT_OK(Accept(Images(1, In(2))));
}

TEST_F(ForecastTest, WhatWasWithdrawnIsNotOpen) {
  WorkLeft urgent = Images(10);
  urgent.priority = Priority::kHigh;
  EXPECT_OK(Accept(urgent));
  forecast_.Withdraw(last_handle_);
  EXPECT_OK(Accept(Images(1, In(2))));
}

TEST_F(ForecastTest, PartsFitWithAQuarterToSpareBesidesTheAnswer) {
  for (int n : {1, 2, 4, 8}) {
    forecast_.ObserveStep(StepKind::kLookAgain, n, absl::Seconds(0.5 * n));
  }
  WorkLeft work{.tenant = 1, .parts = 4};
  EXPECT_EQ(forecast_.PartsThatFit(work, absl::Seconds(2.6)), 4);
  EXPECT_EQ(forecast_.PartsThatFit(work, absl::Seconds(2.4)), 3);
  EXPECT_EQ(forecast_.PartsThatFit(work, absl::Seconds(0.6)), 0);
  work.prompt_tokens = 100;  // 1 s, and 9 s more for the answer
  work.max_answer_tokens = 10;
  EXPECT_EQ(forecast_.PartsThatFit(work, absl::Seconds(14.9)), 3);
  EXPECT_EQ(forecast_.PartsThatFit(work, absl::Seconds(12)), 0);
}

TEST_F(ForecastTest, APartThatWasNeverMeasuredIsTakenForAWholeImage) {
  EXPECT_EQ(forecast_.PartsThatFit({.parts = 4}, absl::Seconds(3)), 2);
  EXPECT_EQ(Forecast({}).PartsThatFit({.parts = 4}, absl::ZeroDuration()), 4);
}

TEST_F(ForecastTest, PartsCountAsWorkThatIsAhead) {
  for (int n : {1, 2, 4, 8}) forecast_.ObserveStep(StepKind::kLookAgain, n, absl::Seconds(n));
  EXPECT_THAT(Accept({.tenant = 1, .deadline = In(3), .images = 1, .parts = 4}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("about 5s even alone")));
  Publish({{.tenant = 1, .priority = Priority::kHigh, .parts = 4}});
  EXPECT_THAT(Accept(Images(1, In(2))), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 4, 0.01);
}

TEST_F(ForecastTest, WhatComesLaterIsNotAhead) {
  WorkLeft low = Images(100);
  low.priority = Priority::kLow;
  Publish({low, Images(100, In(1000))});
  EXPECT_OK(Accept(Images(1, In(2))));
}

TEST_F(ForecastTest, OthersAreAheadOnlyWithTheirFairShare) {
  WorkLeft other = Images(100);
  other.tenant = 2;
  other.weight = 3;
  Publish({other});
  EXPECT_OK(Accept(Images(1, In(4))));
  EXPECT_THAT(Accept(Images(2, In(4))), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(ForecastTest, ImagesAreNotBehindAnswers) {
  Publish(std::vector<WorkLeft>(20, Answer()));
  EXPECT_OK(Accept(Images(1, In(1))));
}

TEST_F(ForecastTest, MayDegradeNeedsTimeForItsImagesOnly) {
  WorkLeft work = Answer(In(2));
  work.images = 1;
  EXPECT_THAT(Accept(work), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(Accept(work, /*may_degrade=*/true));
  work.images = 4;
  EXPECT_THAT(Accept(work, /*may_degrade=*/true), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ForecastTest, AnswersAreExpectedToBeAsLongAsTheyWere) {
  for (int i = 0; i < 200; ++i) forecast_.ObserveAnswer(1, 10);
  EXPECT_OK(Accept(Answer(In(2))));
}

TEST_F(ForecastTest, QueueWaitIsZeroWhileThereIsRoomAndNothingWaits) {
  WorkLeft reading = Running(Answer());
  reading.prompt_tokens = 0;
  Publish({reading, reading});
  EXPECT_EQ(forecast_.QueueWait(), absl::ZeroDuration());
}

TEST_F(ForecastTest, QueueWaitGrowsWithWhatWaits) {
  WorkLeft writing = Running(Answer());
  writing.prompt_tokens = 0;
  // Four answers together: 10 s. One of them must end: a quarter of that.
  Publish(std::vector<WorkLeft>(4, writing));
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 2.5, 0.01);
  std::vector<WorkLeft> more(4, writing);
  more.push_back(Images(3));
  more.push_back(Answer());
  Publish(more);
  // 3 s for the images, 1 s for the prompt, two of five answers of 12.5 s together.
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 9, 0.01);
}

TEST_F(ForecastTest, PublishTellsWhatEachStillCosts) {
  std::vector<double> seconds;
  for (absl::Duration cost : forecast_.Publish({Images(2), Answer(), WorkLeft{}}, 4, kNow)) {
    seconds.push_back(absl::ToDoubleSeconds(cost));
  }
  EXPECT_THAT(seconds, ElementsAre(DoubleNear(2, 1e-3), DoubleNear(11, 1e-3), Gt(0)));
}

TEST_F(ForecastTest, AnswerFitsWhileItsRestDoes) {
  WorkLeft work = Running(Answer());
  work.prompt_tokens = 0;
  work.answer_tokens = 6;
  Publish({work});
  EXPECT_TRUE(forecast_.AnswerFits(work, absl::Seconds(4)));
  EXPECT_FALSE(forecast_.AnswerFits(work, absl::Seconds(3)));
}

}  // namespace
}  // namespace mrmllm
