// SPDX-License-Identifier: Apache-2.0
//
// What becomes of requests when a device fails.
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/scheduling/devices/device_pool.h"
#include "tests/server/scheduling/devices/device_pool_fixture.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Lets the test decide how long the executor is busy with the end of its request.
class SlowToEnd : public RecordingListener {
 public:
  void OnDone(absl::Status status, const RequestResult& result) override {
    ended.Notify();
    go_on.WaitForNotification();
    RecordingListener::OnDone(std::move(status), result);
  }
  absl::Notification ended;
  absl::Notification go_on;
};

class DeviceFailureTest : public DevicePoolFixture {
 protected:
  void SetUp() override {
    Hold();
    Start();
  }
  // The step that the device is in, or the next, finds it gone.
  void BreakHeld(int device) {
    engines_[device].AwaitHeld();
    engines_[device].Break();
    engines_[device].Release();
  }
};

TEST_F(DeviceFailureTest, WhatHasToldNothingGoesOnElsewhere) {
  auto moved = Ask("a");   // on the first
  auto stayed = Ask("b");  // on the second
  BreakHeld(0);
  engines_[1].Release();
  EXPECT_OK(moved->AwaitDone());
  EXPECT_OK(stayed->AwaitDone());
  EXPECT_EQ(moved->result().answer, "You asked: a");
  EXPECT_THAT(engines_[1].started(), testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(scheduler_->engines_in_service(), 1);
}

TEST_F(DeviceFailureTest, WhatHasToldSomethingEndsUnavailable) {
  auto told = Ask("a");
  engines_[0].AwaitHeld();
  engines_[0].LetOnePass();  // the prompt, and the first token
  EXPECT_THAT(told->AwaitTexts(1), ElementsAre("You"));
  BreakHeld(0);
  EXPECT_THAT(told->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("fallen off")));
  EXPECT_THAT(engines_[1].started(), IsEmpty());
}

TEST_F(DeviceFailureTest, PerceptionsThatWereToldCountAsTold) {
  auto told = Submit(ImageQuestion(5, "a"));
  engines_[0].AwaitHeld();
  engines_[0].LetOnePass();
  told->AwaitPerceived();
  BreakHeld(0);
  EXPECT_THAT(told->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(DeviceFailureTest, ARequestBetweenItsLooksIsBegunAnewWhereItGoes) {
  for (BreakableEngine& engine : engines_) engine.SetSecondLook(5, 1, {{0, 0, 0.5f, 1}});
  Request request = ImageQuestion(5, "a");
  request.second_look.settings.mode = SecondLookMode::kAlways;
  auto moved = Submit(std::move(request));
  engines_[0].AwaitHeld();
  engines_[0].LetOnePass();
  EXPECT_THAT(moved->AwaitFirstLook(), testing::SizeIs(1));
  BreakHeld(0);
  engines_[1].Release();
  EXPECT_OK(moved->AwaitDone());
  ASSERT_THAT(moved->perceived(), testing::SizeIs(1));
  EXPECT_THAT(moved->perceived()[0]->second_look, testing::SizeIs(1));
}

TEST_F(DeviceFailureTest, AnImageIsPerceivedAnewWhereItsRequestGoes) {
  auto moved = Submit(ImageQuestion(5, "a"));
  BreakHeld(0);
  engines_[1].Release();
  EXPECT_OK(moved->AwaitDone());
  ASSERT_THAT(moved->perceived(), testing::SizeIs(1));
  EXPECT_EQ(moved->perceived()[0]->width, 5);
}

TEST_F(DeviceFailureTest, NewRequestsGoToTheDevicesThatAreLeft) {
  Ask("a");
  BreakHeld(0);
  engines_[1].Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  for (int i = 0; i < 3; ++i) EXPECT_OK(Submit(ImageQuestion(5, "b"))->AwaitDone());
  EXPECT_THAT(engines_[1].started(), ElementsAre("a", "b", "b", "b"));
}

TEST_F(DeviceFailureTest, ARequestGoesFromDeviceToDeviceUntilNoneIsLeft) {
  auto first = Ask("a");
  auto second = Ask("b");
  BreakHeld(0);
  BreakHeld(1);
  EXPECT_THAT(first->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(second->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_EQ(scheduler_->engines_in_service(), 0);
  EXPECT_EQ(scheduler_->admission().usage(), Admission::Usage{});
}

TEST_F(DeviceFailureTest, WithoutDevicesNothingIsTaken) {
  Ask("a");
  Ask("b");
  BreakHeld(0);
  BreakHeld(1);
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_THAT(TrySubmit(Question("c").Build(nullptr)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(scheduler_->has_work());
  EXPECT_EQ(scheduler_->last_progress(), clock_.Now());
  EXPECT_EQ(scheduler_->PredictedQueueWait(), absl::ZeroDuration());
}

TEST_F(DeviceFailureTest, ItsPlaceInTheLedgerGoesWithTheRequest) {
  auto moved = Ask("a");
  BreakHeld(0);
  engines_[1].AwaitHeld();  // with the request that moved
  EXPECT_EQ(scheduler_->admission().usage().requests, 1);
  EXPECT_FALSE(scheduler_->AwaitIdle(clock_.Now()));
  engines_[1].Release();
  EXPECT_OK(moved->AwaitDone());
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_EQ(scheduler_->admission().usage().requests, 0);
}

TEST_F(DeviceFailureTest, ARequestThatMovedIsCancelledByItsHandle) {
  auto moved = Ask("a");
  const RequestHandle handle = last_handle_;
  BreakHeld(0);
  engines_[1].AwaitHeld();
  scheduler_->Cancel(handle);
  engines_[1].Release();
  EXPECT_THAT(moved->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(DeviceFailureTest, ARequestThatMovesIsCancelledOnItsWay) {
  auto told = std::make_shared<SlowToEnd>();
  ASSERT_OK(TrySubmit(ImageQuestion(5, "told"), told));
  auto other = Ask("other");  // on the second
  engines_[0].AwaitHeld();
  engines_[0].LetOnePass();
  told->AwaitPerceived();
  engines_[0].AwaitHeld();
  auto moves = Ask("moves");  // on the first, where it waits for the held step
  const RequestHandle handle = last_handle_;
  BreakHeld(0);
  told->ended.WaitForNotification();  // the first device is out, its requests not yet handed over
  scheduler_->Cancel(handle);
  told->go_on.Notify();
  EXPECT_THAT(moves->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(moves->texts(), IsEmpty());
  engines_[1].Release();
  EXPECT_OK(other->AwaitDone());
  EXPECT_THAT(engines_[1].started(), ElementsAre("other"));
}

TEST_F(DeviceFailureTest, RequestsMoveThoughNoNewOnesAreAccepted) {
  auto moved = Ask("a");
  scheduler_->StopAccepting();
  BreakHeld(0);
  engines_[1].Release();
  EXPECT_OK(moved->AwaitDone());
}

}  // namespace
}  // namespace mrmllm
