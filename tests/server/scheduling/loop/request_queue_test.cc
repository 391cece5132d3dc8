// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/request_queue.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/status_macros.h"
#include "tests/server/scheduling/request_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RequestQueueTest : public testing::Test {
 protected:
  absl::StatusOr<RequestHandle> Push(Request request) {
    SubmittedRequest submitted{.handle = ++last_handle_, .request = std::move(request)};
    RETURN_IF_ERROR(queue_.Push(submitted));
    return last_handle_;
  }
  Request NewRequest() {
    return RequestBuilder(clock_.Now()).Image(1, 1).Build(std::make_shared<RecordingListener>());
  }

  FakeClock clock_;
  RequestQueue queue_{&clock_};
  RequestHandle last_handle_ = 0;
};

TEST_F(RequestQueueTest, KeepsTheOrderOfArrival) {
  const RequestHandle first = *Push(NewRequest());
  const RequestHandle second = *Push(NewRequest());
  EXPECT_LT(first, second);
  const RequestQueue::News news = queue_.Collect();
  ASSERT_THAT(news.submitted, SizeIs(2));
  EXPECT_EQ(news.submitted[0].handle, first);
  EXPECT_EQ(news.submitted[1].handle, second);
  EXPECT_THAT(queue_.Collect().submitted, IsEmpty());
}

TEST_F(RequestQueueTest, CancelIsNewsWhileARequestIsOpen) {
  const RequestHandle handle = *Push(NewRequest());
  queue_.Collect();
  queue_.Cancel(handle);
  EXPECT_THAT(queue_.Collect().cancelled, ElementsAre(handle));
  queue_.MarkEnded(1);
  queue_.Cancel(handle);
  EXPECT_THAT(queue_.Collect().cancelled, IsEmpty());
}

TEST_F(RequestQueueTest, RefusedRequestIsLeftAsItWas) {
  queue_.StopAccepting();
  SubmittedRequest submitted{.request = NewRequest()};
  EXPECT_THAT(queue_.Push(submitted), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_NE(submitted.request.listener, nullptr);
  EXPECT_THAT(submitted.request.images, SizeIs(1));
}

TEST_F(RequestQueueTest, StopIsNewsForEver) {
  queue_.Stop();
  EXPECT_TRUE(queue_.Collect().stopping);
  EXPECT_TRUE(queue_.Collect().stopping);
  EXPECT_THAT(Push(NewRequest()), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(RequestQueueTest, CloseBringsTheLastNewsAndRefusesWithItsReason) {
  const RequestHandle handle = *Push(NewRequest());
  queue_.Cancel(handle);
  const RequestQueue::News news = queue_.Close(absl::UnavailableError("out of service"));
  EXPECT_THAT(news.submitted, SizeIs(1));
  EXPECT_THAT(news.cancelled, ElementsAre(handle));
  EXPECT_THAT(Push(NewRequest()), StatusIs(absl::StatusCode::kUnavailable, "out of service"));
}

TEST_F(RequestQueueTest, AwaitNewsWakesForARequest) {
  std::thread executor([&] { queue_.AwaitNews(absl::InfiniteFuture()); });
  EXPECT_OK(Push(NewRequest()).status());
  executor.join();
}

TEST_F(RequestQueueTest, AwaitNewsGivesUpWhenTold) {
  std::thread executor([&] { queue_.AwaitNews(clock_.Now() + absl::Seconds(1)); });
  clock_.BlockUntilWaiters(1);
  clock_.Advance(absl::Seconds(1));
  executor.join();
  EXPECT_THAT(queue_.Collect().submitted, IsEmpty());
}

TEST_F(RequestQueueTest, IsIdleWhenEveryRequestHasEnded) {
  EXPECT_TRUE(queue_.AwaitIdle(clock_.Now()));
  EXPECT_OK(Push(NewRequest()).status());
  EXPECT_OK(Push(NewRequest()).status());
  queue_.MarkEnded(1);
  EXPECT_FALSE(queue_.AwaitIdle(clock_.Now()));
  queue_.MarkEnded(1);
  EXPECT_TRUE(queue_.AwaitIdle(clock_.Now()));
}

TEST_F(RequestQueueTest, AgesOnlyWhileThereIsWork) {
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(queue_.last_progress(), clock_.Now());
  EXPECT_OK(Push(NewRequest()).status());
  const absl::Time submitted = clock_.Now();
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(queue_.last_progress(), submitted);
  queue_.MarkProgress();
  EXPECT_EQ(queue_.last_progress(), clock_.Now());
}

}  // namespace
}  // namespace mrmllm
