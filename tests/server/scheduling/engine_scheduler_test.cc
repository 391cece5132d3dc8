// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/engine_scheduler.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/request_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class EngineSchedulerTest : public testing::Test {
 protected:
  ~EngineSchedulerTest() override {
    engine_.Release();
    scheduler_.reset();
    handed_back_.clear();
    EXPECT_EQ(ledger_.usage(), Admission::Usage{});
    EXPECT_EQ(engine_.live_sequences(), 0);
  }

  void Start(bool takes_back = true, Scheduler::Options options = {}) {
    EngineScheduler::OnEngineFailed take_back;
    if (takes_back) {
      take_back = [this](std::vector<SubmittedRequest> requests) {
        EXPECT_EQ(scheduler_->engines_in_service(), 0);
        handed_back_ = std::move(requests);
      };
    }
    auto scheduler = EngineScheduler::Create(std::move(options), &engine_, &ledger_, &clock_,
                                             nullptr, std::move(take_back));
    ASSERT_OK(scheduler.status());
    scheduler_ = *std::move(scheduler);
  }
  absl::Status TryTake(RequestHandle handle, RequestBuilder builder,
                       std::shared_ptr<RecordingListener> heard) {
    SubmittedRequest submitted{.handle = handle,
                               .request = builder.Build(std::move(heard)),
                               .place = *ledger_.Reserve({.pixels = 1}),
                               .submitted = clock_.Now()};
    return scheduler_->Take(submitted);
  }
  std::shared_ptr<RecordingListener> Take(RequestHandle handle, RequestBuilder builder) {
    auto heard = std::make_shared<RecordingListener>();
    EXPECT_OK(TryTake(handle, builder, heard));
    return heard;
  }
  RequestBuilder NewRequest() { return RequestBuilder(clock_.Now()); }
  // Everything that was taken has ended or was handed back.
  void AwaitFailure() { EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture())); }
  std::vector<RequestHandle> HandedBack() const {
    std::vector<RequestHandle> handles;
    for (const SubmittedRequest& request : handed_back_) handles.push_back(request.handle);
    return handles;
  }

  FakeClock clock_;
  FakeEngine engine_;
  Admission ledger_{{}};
  std::vector<SubmittedRequest> handed_back_;
  std::unique_ptr<EngineScheduler> scheduler_;
};

TEST_F(EngineSchedulerTest, KnowsARequestByTheHandleItWasGiven) {
  Start();
  engine_.Hold();
  auto first = Take(70, NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  auto second = Take(71, NewRequest().Image(1, 1));
  scheduler_->Cancel(71);
  scheduler_->Cancel(72);
  engine_.Release();
  EXPECT_THAT(first->AwaitDone(), IsOk());
  EXPECT_THAT(second->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(EngineSchedulerTest, FailedEngineHandsBackWhatHasToldNothing) {
  engine_.SetPromptTokens("reading", 2500);
  Start();
  engine_.Hold();
  auto told = Take(1, NewRequest().CachedImage(1, 1).Question("told"));
  auto reading = Take(2, NewRequest().Question("reading"));
  auto seen = Take(3, NewRequest().Image(2, 2).Image(3, 3));
  engine_.AwaitHeld();
  auto waiting = Take(4, NewRequest().Image(4, 4).Question("waiting"));
  engine_.FailDevice();
  engine_.Release();
  EXPECT_THAT(told->AwaitDone(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("the device has failed")));
  AwaitFailure();
  EXPECT_THAT(HandedBack(), ElementsAre(2, 3, 4));
  for (const auto& heard : {reading, seen, waiting}) EXPECT_FALSE(heard->done());
  EXPECT_EQ(ledger_.usage().requests, 3);
  EXPECT_EQ(engine_.live_sequences(), 0);
  EXPECT_EQ(scheduler_->engines_in_service(), 0);
  EXPECT_FALSE(scheduler_->has_work());
}

TEST_F(EngineSchedulerTest, WhatIsHandedBackCanBeServedElsewhere) {
  Start(/*takes_back=*/true, {.max_batch_images = 1});
  engine_.Hold();
  auto heard = Take(1, NewRequest().Image(2, 2).Image(3, 3).Question("Q"));
  engine_.AwaitHeld();
  engine_.LetOnePass();  // the first image is perceived, on this engine
  engine_.AwaitHeld();
  engine_.FailDevice();
  engine_.Release();
  AwaitFailure();
  ASSERT_THAT(handed_back_, SizeIs(1));
  for (const RequestImage& image : handed_back_[0].request.images) {
    EXPECT_EQ(image.perception, nullptr);
    EXPECT_NE(image.input, nullptr);
  }

  FakeEngine spare;
  auto elsewhere = EngineScheduler::Create({}, &spare, &ledger_, &clock_, nullptr);
  ASSERT_OK(elsewhere.status());
  EXPECT_OK((*elsewhere)->Take(handed_back_[0]));
  EXPECT_THAT(heard->AwaitDone(), IsOk());
  EXPECT_THAT(heard->perceived(), SizeIs(2));
  EXPECT_THAT(heard->violations(), IsEmpty());
}

TEST_F(EngineSchedulerTest, FailureOfStartSequenceIsTheEngines) {
  Start();
  engine_.FailDevice();
  auto heard = Take(1, NewRequest().Question("Q"));
  AwaitFailure();
  EXPECT_THAT(HandedBack(), ElementsAre(1));
}

TEST_F(EngineSchedulerTest, AloneItEndsEverythingWhenItsEngineFails) {
  Start(/*takes_back=*/false);
  engine_.FailDevice();
  auto heard = Take(1, NewRequest().Image(1, 1));
  EXPECT_THAT(heard->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable));
  AwaitFailure();
}

TEST_F(EngineSchedulerTest, TakesNothingOnceItsEngineHasFailed) {
  Start();
  engine_.FailDevice();
  auto heard = Take(1, NewRequest().Image(1, 1));
  AwaitFailure();
  EXPECT_THAT(TryTake(2, NewRequest().Image(1, 1), std::make_shared<RecordingListener>()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("out of service")));
}

TEST_F(EngineSchedulerTest, CancelThatCameBeforeTheFailureStillCounts) {
  Start();
  engine_.Hold();
  auto heard = Take(1, NewRequest().Image(1, 1));
  engine_.AwaitHeld();
  scheduler_->Cancel(1);
  engine_.FailDevice();
  engine_.Release();
  EXPECT_THAT(heard->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
  AwaitFailure();
  EXPECT_THAT(handed_back_, IsEmpty());
}

TEST_F(EngineSchedulerTest, RefusesWhatCannotMeetItsDeadlineByWhatStepsCost) {
  engine_.SetStepDuration(&clock_, StepKind::kPerceive, absl::ZeroDuration(), absl::Seconds(1));
  Start(/*takes_back=*/false, {.max_batch_images = 1});
  for (int i = 1; i <= 3; ++i) EXPECT_THAT(Take(i, NewRequest().Image(1, 1))->AwaitDone(), IsOk());
  auto refused = std::make_shared<RecordingListener>();
  EXPECT_THAT(TryTake(4, NewRequest().Image(1, 1).Deadline(clock_.Now() + absl::Milliseconds(500)),
                      refused),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("about 1s")));
  engine_.Hold();
  Take(5, NewRequest().Image(1, 1).Urgency(Priority::kHigh));
  engine_.AwaitHeld();  // its step runs: what comes now waits
  for (int i = 6; i <= 9; ++i) Take(i, NewRequest().Image(1, 1).Urgency(Priority::kHigh));
  EXPECT_THAT(
      TryTake(10, NewRequest().Image(1, 1).Deadline(clock_.Now() + absl::Seconds(2)), refused),
      StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GE(scheduler_->PredictedQueueWait(), absl::Seconds(4));
  EXPECT_FALSE(refused->done());
}

TEST(EngineSchedulerOptionsTest, BadSharesAndAgeingAreNamed) {
  FakeEngine engine;
  for (auto [options, name] : std::vector<std::pair<Scheduler::Options, std::string>>{
           {{.tenant_weights = {{"acme", 0}}}, "tenant_weights.acme"},
           {{.tenant_weights = {{"acme", -1}}}, "tenant_weights.acme"},
           {{.priority_ageing = absl::ZeroDuration()}, "priority_ageing"}}) {
    EXPECT_THAT(EngineScheduler::Create(options, &engine, nullptr, Clock::Real(), nullptr).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
}

}  // namespace
}  // namespace mrmllm
