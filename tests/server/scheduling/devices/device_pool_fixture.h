// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_FIXTURE_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/scheduling/scheduler.h"
#include "tests/server/scheduling/devices/breakable_engine.h"
#include "tests/server/scheduling/recording_observer.h"
#include "tests/server/scheduling/request_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/recording_listener.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {

// A scheduler over two fake engines, on a clock that stands still. When a test ends, every request
// must have ended once, everything must have been given back and no contract broken.
class DevicePoolFixture : public testing::Test {
 protected:
  void Start(Scheduler::Options options = {}) {
    const std::vector<Engine*> engines = {&engines_[0], &engines_[1]};
    auto scheduler = Scheduler::Create(std::move(options), engines, &clock_, &observer_);
    ASSERT_OK(scheduler.status());
    scheduler_ = *std::move(scheduler);
  }

  void TearDown() override {
    if (!scheduler_) return;
    for (BreakableEngine& engine : engines_) engine.Release();
    scheduler_->Stop();
    EXPECT_EQ(scheduler_->admission().usage(), Admission::Usage{});
    EXPECT_FALSE(scheduler_->has_work());
    for (BreakableEngine& engine : engines_) {
      EXPECT_EQ(engine.live_sequences(), 0);
      EXPECT_THAT(engine.violations(), testing::IsEmpty());
    }
    for (const auto& listener : listeners_) {
      EXPECT_EQ(listener->done_count(), 1);
      EXPECT_THAT(listener->violations(), testing::IsEmpty());
    }
  }

  RequestBuilder Question(const std::string& question) {
    return RequestBuilder(clock_.Now()).Question(question);
  }
  // Images are told apart by their width; their keys are their widths too.
  Request ImageQuestion(int width, const std::string& question) {
    Request request = Question(question).Image(width, 1).Build(nullptr);
    request.images[0].key = std::to_string(width);
    return request;
  }

  // Whether the pool took it; if so it is last_handle_, and the last of listeners_.
  absl::Status TrySubmit(Request request, std::shared_ptr<RecordingListener> listener = nullptr) {
    if (!listener) listener = std::make_shared<RecordingListener>();
    request.listener = listener;
    auto place = scheduler_->admission().Reserve({.pixels = 1, .tokens = 1});
    if (!place.ok()) return place.status();
    auto handle = scheduler_->Submit(std::move(request), *std::move(place));
    if (!handle.ok()) return handle.status();
    last_handle_ = *handle;
    listeners_.push_back(std::move(listener));
    return absl::OkStatus();
  }
  std::shared_ptr<RecordingListener> Submit(Request request) {
    EXPECT_OK(TrySubmit(std::move(request)));
    return listeners_.back();
  }
  std::shared_ptr<RecordingListener> Ask(const std::string& question) {
    return Submit(Question(question).Build(nullptr));
  }

  void Hold() {
    for (BreakableEngine& engine : engines_) engine.Hold();
  }
  void Release() {
    for (BreakableEngine& engine : engines_) engine.Release();
  }

  FakeClock clock_;
  BreakableEngine engines_[2];
  RecordingObserver observer_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::shared_ptr<RecordingListener>> listeners_;
  RequestHandle last_handle_ = 0;  // of the request submitted last
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_FIXTURE_H_
