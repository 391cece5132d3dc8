// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/scheduler.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/scheduler_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class SchedulerTest : public SchedulerFixture {};

TEST_F(SchedulerTest, DetectBringsAPerceptionAndThenTheEnd) {
  Start({});
  auto heard = Submit(NewRequest().Image(640, 480));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  ASSERT_THAT(heard->perceived(), SizeIs(1));
  EXPECT_EQ(heard->perceived()[0]->width, 640);
  EXPECT_THAT(heard->texts(), IsEmpty());
}

TEST_F(SchedulerTest, AnswersAQuestionWithoutImages) {
  Start({});
  engine_.SetAnswer("Why?", {"Be", "cause", "."});
  auto heard = Submit(NewRequest().Question("Why?"));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_THAT(heard->texts(), ElementsAre("Be", "cause", "."));
  EXPECT_EQ(heard->result().answer, "Because.");
  EXPECT_EQ(heard->result().finish, FinishReason::kStop);
  EXPECT_EQ(heard->result().usage.answer_tokens, 3);
}

TEST_F(SchedulerTest, PerceivesBeforeItAnswers) {
  Start({});
  auto heard = Submit(NewRequest().Image(640, 480).Question("What?"));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPerceive, StepKind::kPrefill, StepKind::kDecode,
                                   StepKind::kDecode, StepKind::kDecode));
}

TEST_F(SchedulerTest, CachedImageNeedsNoPerceiveStep) {
  Start({});
  auto heard = Submit(NewRequest().CachedImage(640, 480));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_THAT(heard->perceived(), SizeIs(1));
  EXPECT_THAT(engine_.steps(), IsEmpty());
}

TEST_F(SchedulerTest, ImagesOfOneRequestMayBeSplitOverSteps) {
  Start({.max_batch_images = 2});
  auto heard = Submit(NewRequest().Image(1, 1).CachedImage(9, 9).Image(2, 2).Image(3, 3));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_THAT(ImagesOfStep(0), ElementsAre(Pair(1, 1), Pair(2, 2)));
  EXPECT_THAT(ImagesOfStep(1), ElementsAre(Pair(3, 3)));
  std::vector<int> widths;
  for (const auto& perception : heard->perceived()) widths.push_back(perception->width);
  EXPECT_THAT(widths, ElementsAre(1, 9, 2, 3));
}

TEST_F(SchedulerTest, WaitingImagesShareAStep) {
  Start({});
  engine_.Hold();
  auto first = Submit(NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  auto second = Submit(NewRequest().Image(2, 2));
  auto third = Submit(NewRequest().Image(3, 3));
  engine_.Release();
  AwaitIdle();
  EXPECT_THAT(ImagesOfStep(1), ElementsAre(Pair(2, 2), Pair(3, 3)));
}

TEST_F(SchedulerTest, UnderfullBatchIsCutWhenTheDelayIsOver) {
  Start({.max_queue_delay = absl::Milliseconds(5)});
  auto heard = Submit(NewRequest().Image(1, 1));
  clock_.BlockUntilWaiters(1);
  EXPECT_THAT(engine_.steps(), IsEmpty());
  clock_.Advance(absl::Milliseconds(5));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_EQ(heard->result().timings.perceive_queue, absl::Milliseconds(5));
}

TEST_F(SchedulerTest, FullBatchDoesNotWaitForTheDelay) {
  Start({.max_batch_images = 2, .max_queue_delay = absl::Hours(1)});
  auto first = Submit(NewRequest().Image(1, 1));
  auto second = Submit(NewRequest().Image(2, 2));
  EXPECT_THAT(first->AwaitDone(), IsOk());
  EXPECT_THAT(second->AwaitDone(), IsOk());
  EXPECT_THAT(engine_.steps(), SizeIs(1));
}

TEST_F(SchedulerTest, DetectPassesALongAnswerAfterOneStep) {
  Start({});
  engine_.SetAnswer("Long?", std::vector<std::string>(100, "x"));
  engine_.Hold();
  auto answer = Submit(NewRequest().Question("Long?"));
  engine_.AwaitHeld();
  auto detect = Submit(NewRequest().Image(1, 1));
  engine_.LetOnePass();
  engine_.AwaitHeld();
  EXPECT_THAT(Kinds(), ElementsAre(StepKind::kPrefill, StepKind::kPerceive));
  engine_.Release();
  EXPECT_THAT(detect->AwaitDone(), IsOk());
  EXPECT_THAT(answer->AwaitDone(), IsOk());
}

TEST_F(SchedulerTest, RunsNoMoreAnswersThanItMay) {
  Start({.max_running_sequences = 2});
  engine_.Hold();
  for (const char* question : {"a", "b", "c"}) Submit(NewRequest().Question(question));
  engine_.AwaitHeld();
  engine_.Release();
  AwaitIdle();
  for (const FakeEngine::Step& step : engine_.steps()) EXPECT_LE(step.questions.size(), 2u);
  EXPECT_THAT(engine_.started(), ElementsAre("a", "b", "c"));
}

TEST_F(SchedulerTest, PrefillGoesInChunks) {
  Start({.max_prefill_tokens = 100});
  engine_.SetPromptTokens("Q", 250);
  engine_.SetAnswer("Q", {"A"});
  EXPECT_THAT(Submit(NewRequest().Question("Q"))->AwaitDone(), IsOk());
  std::vector<int> chunks;
  for (const FakeEngine::Step& step : engine_.steps()) chunks.push_back(step.prompt_tokens[0]);
  EXPECT_THAT(chunks, ElementsAre(100, 100, 50));
}

TEST_F(SchedulerTest, OneImagesErrorEndsItsRequestOnly) {
  Start({});
  engine_.FailImage(2, 2, absl::InternalError("bad tensor"));
  engine_.Hold();
  Submit(NewRequest().Image(9, 9));
  engine_.AwaitHeld();
  auto good = Submit(NewRequest().Image(1, 1));
  auto bad = Submit(NewRequest().Image(1, 1).Image(2, 2).Image(3, 3));
  engine_.Release();
  EXPECT_THAT(good->AwaitDone(), IsOk());
  EXPECT_THAT(bad->AwaitDone(), StatusIs(absl::StatusCode::kInternal, "bad tensor"));
  EXPECT_THAT(bad->perceived(), IsEmpty());
}

TEST_F(SchedulerTest, OneAnswersErrorEndsItsRequestOnly) {
  Start({});
  engine_.FailQuestion("start", StepKind::kPerceive, absl::InvalidArgumentError("too long"));
  engine_.FailQuestion("prefill", StepKind::kPrefill, absl::InternalError("p"));
  engine_.FailQuestion("decode", StepKind::kDecode, absl::InternalError("d"));
  auto start = Submit(NewRequest().Question("start"));
  auto prefill = Submit(NewRequest().Question("prefill"));
  auto decode = Submit(NewRequest().Question("decode"));
  auto good = Submit(NewRequest().Question("good"));
  EXPECT_THAT(start->AwaitDone(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(prefill->AwaitDone(), StatusIs(absl::StatusCode::kInternal, "p"));
  EXPECT_THAT(decode->AwaitDone(), StatusIs(absl::StatusCode::kInternal, "d"));
  EXPECT_EQ(decode->result().answer, "You");
  EXPECT_THAT(good->AwaitDone(), IsOk());
}

TEST_F(SchedulerTest, StagesOfTheTimingsAddUp) {
  engine_.SetStepDuration(&clock_, absl::Milliseconds(10));
  engine_.SetAnswer("Q", {"a", "b", "c"});
  Start({});
  const absl::Time arrival = clock_.Now();
  auto heard = Submit(NewRequest().Image(1, 1).Question("Q"));
  ASSERT_THAT(heard->AwaitDone(), IsOk());
  const ExecutionTimings timings = heard->result().timings;
  EXPECT_EQ(timings.perceive, absl::Milliseconds(10));
  EXPECT_EQ(timings.prefill, absl::Milliseconds(10));
  EXPECT_EQ(timings.decode, absl::Milliseconds(20));
  EXPECT_EQ(timings.time_to_first_token, absl::Milliseconds(20));
  EXPECT_EQ(clock_.Now() - arrival, absl::Milliseconds(40));
}

TEST_F(SchedulerTest, StopEndsWhatWaitsAndWhatRuns) {
  Start({.max_running_sequences = 1});
  engine_.SetAnswer("running", std::vector<std::string>(100, "x"));
  engine_.Hold();
  auto running = Submit(NewRequest().Question("running"));
  engine_.AwaitHeld();
  auto waiting = Submit(NewRequest().Question("waiting"));
  engine_.Release();
  scheduler_->Stop();
  scheduler_->Stop();
  EXPECT_EQ(running->done_count(), 1);
  EXPECT_EQ(waiting->done_count(), 1);
  EXPECT_FALSE(scheduler_->has_work());
}

TEST_F(SchedulerTest, RefusesAfterStopAcceptingButGoesOn) {
  Start({});
  engine_.Hold();
  auto taken = Submit(NewRequest().Image(1, 1));
  scheduler_->StopAccepting();
  auto refused = std::make_shared<RecordingListener>();
  EXPECT_THAT(scheduler_->Submit(NewRequest().Image(1, 1).Build(refused), Reservation()),
              StatusIs(absl::StatusCode::kUnavailable));
  engine_.Release();
  EXPECT_THAT(taken->AwaitDone(), IsOk());
  EXPECT_FALSE(refused->done());
}

TEST_F(SchedulerTest, RefusesAnExpiredRequest) {
  Start({});
  EXPECT_THAT(
      scheduler_->Submit(NewRequest().Image(1, 1).Deadline(clock_.Now()).Build(NewListener()), {}),
      StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(SchedulerTest, RefusesAnImageOfNothing) {
  Start({});
  Request request = NewRequest().Image(1, 1).Build(NewListener());
  request.images.emplace_back();
  EXPECT_THAT(scheduler_->Submit(std::move(request), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("images[1]")));
}

TEST_F(SchedulerTest, AwaitIdleGivesUpAtItsDeadline) {
  Start({});
  engine_.Hold();
  Submit(NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  EXPECT_FALSE(scheduler_->AwaitIdle(clock_.Now()));
  engine_.Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
}

TEST_F(SchedulerTest, ProgressStandsStillWhileTheEngineHangs) {
  Start({});
  EXPECT_FALSE(scheduler_->has_work());
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(scheduler_->last_progress(), clock_.Now());
  engine_.Hold();
  Submit(NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  clock_.Advance(absl::Minutes(1));
  EXPECT_TRUE(scheduler_->has_work());
  EXPECT_EQ(clock_.Now() - scheduler_->last_progress(), absl::Minutes(1));
  engine_.Release();
  AwaitIdle();
}

TEST_F(SchedulerTest, RetryDelayFollowsTheMeasuredPace) {
  Start({.max_batch_images = 1});
  engine_.SetStepDuration(&clock_, absl::Seconds(1));
  for (int i = 0; i < 50; ++i) Submit(NewRequest().Image(1, 1));
  AwaitIdle();
  EXPECT_EQ(scheduler_->SuggestedRetryDelay(), absl::Milliseconds(50));
  engine_.Hold();
  for (int i = 0; i < 10; ++i) Submit(NewRequest().Image(1, 1));
  EXPECT_GT(scheduler_->SuggestedRetryDelay(), absl::Seconds(4));
  EXPECT_LE(scheduler_->SuggestedRetryDelay(), absl::Seconds(5));
  engine_.Release();
  AwaitIdle();
}

TEST_F(SchedulerTest, TellsTheObserver) {
  engine_.SetStepDuration(&clock_, absl::Milliseconds(10));
  engine_.SetAnswer("Q", {"a", "b", "c"});
  Start({});
  Submit(NewRequest().Image(1, 1).Question("Q"));
  AwaitIdle();
  EXPECT_THAT(
      observer_.Words(),
      ElementsAre("perceive wait 0", "perceive 1/1 10ms", "prefill wait 0", HasSubstr("prefill 1/"),
                  "first token 20ms", "decode 1/1 10ms", "decode 1/1 10ms", "per token 10ms"));
  EXPECT_EQ(observer_.last_load(), "0 waiting, 0 running, 0 bytes");
}

TEST_F(SchedulerTest, RunsTheStartHookBeforeTheFirstStep) {
  int calls = 0;
  Scheduler::Options options;
  options.on_executor_start = [&calls](int) { ++calls; };
  Start(options);
  EXPECT_THAT(Submit(NewRequest().Image(1, 1))->AwaitDone(), IsOk());
  scheduler_->Stop();
  EXPECT_EQ(calls, 1);
}

TEST(SchedulerOptionsTest, BadOnesAreNamed) {
  FakeEngine engine;
  for (auto [options, name] : std::vector<std::pair<Scheduler::Options, std::string>>{
           {{.max_batch_images = 0}, "max_batch_images"},
           {{.max_batch_pixels = 0}, "max_batch_pixels"},
           {{.max_queue_delay = -absl::Seconds(1)}, "max_queue_delay"},
           {{.max_running_sequences = 0}, "max_running_sequences"},
           {{.max_prefill_tokens = 0}, "max_prefill_tokens"},
           {{.admission = {.requests = 0}}, "admission.requests"}}) {
    EXPECT_THAT(Scheduler::Create(options, &engine, Clock::Real(), nullptr).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
}

TEST(SchedulerSmokeTest, WorksWithTheRealClockAndWithoutAnObserver) {
  FakeEngine engine;
  auto scheduler = Scheduler::Create({.max_queue_delay = absl::Milliseconds(1)}, &engine,
                                     Clock::Real(), nullptr);
  ASSERT_OK(scheduler.status());
  auto heard = std::make_shared<RecordingListener>();
  auto request = RequestBuilder(Clock::Real()->Now()).Image(1, 1).Question("Q").Build(heard);
  ASSERT_OK((*scheduler)->Submit(std::move(request), Reservation()).status());
  EXPECT_THAT(heard->AwaitDone(), IsOk());
}

}  // namespace
}  // namespace mrmllm
