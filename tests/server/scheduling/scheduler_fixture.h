// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_SCHEDULER_FIXTURE_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_SCHEDULER_FIXTURE_H_

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/scheduling/scheduler.h"
#include "tests/server/scheduling/recording_observer.h"
#include "tests/server/scheduling/request_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {

// A scheduler on a fake engine and a clock that stands still. When a test ends, everything must
// have been given back and no contract broken.
class SchedulerFixture : public testing::Test {
 protected:
  void Start(Scheduler::Options options) {
    auto scheduler = Scheduler::Create(std::move(options), &engine_, &clock_, &observer_);
    ASSERT_OK(scheduler.status());
    scheduler_ = *std::move(scheduler);
  }

  void TearDown() override {
    if (!scheduler_) return;
    engine_.Release();
    scheduler_->Stop();
    EXPECT_EQ(scheduler_->admission().usage(), Admission::Usage{});
    EXPECT_EQ(engine_.live_sequences(), 0);
    EXPECT_EQ(engine_.kv_usage().reserved_blocks, 0);
    EXPECT_THAT(engine_.violations(), testing::IsEmpty());
    for (const auto& listener : listeners_) {
      EXPECT_EQ(listener->done_count(), 1);
      EXPECT_THAT(listener->violations(), testing::IsEmpty());
    }
  }

  RequestBuilder NewRequest() { return RequestBuilder(clock_.Now()); }
  // For a request that is refused, and so hears nothing.
  std::shared_ptr<RecordingListener> NewListener() { return std::make_shared<RecordingListener>(); }

  // Whether the scheduler took it; if so it is last_handle_, and the last of listeners_.
  absl::Status TrySubmit(RequestBuilder builder) {
    auto listener = NewListener();
    auto place = scheduler_->admission().Reserve({.pixels = 1, .tokens = 1});
    if (!place.ok()) return place.status();
    auto handle = scheduler_->Submit(builder.Build(listener), *std::move(place));
    if (!handle.ok()) return handle.status();
    last_handle_ = *handle;
    listeners_.push_back(std::move(listener));
    return absl::OkStatus();
  }
  std::shared_ptr<RecordingListener> Submit(RequestBuilder builder) {
    EXPECT_OK(TrySubmit(std::move(builder)));
    return listeners_.back();
  }

  void AwaitIdle() { EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture())); }

  std::vector<StepKind> Kinds() const {
    std::vector<StepKind> kinds;
    for (const FakeEngine::Step& step : engine_.steps()) kinds.push_back(step.kind);
    return kinds;
  }
  std::vector<std::pair<int, int>> ImagesOfStep(size_t step) const {
    const std::vector<FakeEngine::Step> steps = engine_.steps();
    return step < steps.size() ? steps[step].images : std::vector<std::pair<int, int>>();
  }

  FakeClock clock_;
  FakeEngine engine_;
  RecordingObserver observer_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::shared_ptr<RecordingListener>> listeners_;
  RequestHandle last_handle_ = 0;  // of the request submitted last
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_SCHEDULER_FIXTURE_H_
