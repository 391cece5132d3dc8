// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_LOOP_EXECUTOR_FIXTURE_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_LOOP_EXECUTOR_FIXTURE_H_

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/scheduling/loop/batch_executor.h"
#include "tests/server/scheduling/recording_observer.h"
#include "tests/server/scheduling/request_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"

namespace mrmllm {

// The executor without its thread: the test takes the steps. When a test ends, everything must have
// been given back and no contract broken.
class ExecutorFixture : public testing::Test {
 protected:
  explicit ExecutorFixture(Scheduler::Options options = {}) : options_(std::move(options)) {}
  ~ExecutorFixture() override {
    executor_.EndAll(absl::UnavailableError("the test is over"));
    EXPECT_THAT(engine_.violations(), testing::IsEmpty());
    EXPECT_EQ(engine_.live_sequences(), 0);
    EXPECT_EQ(engine_.kv_usage().reserved_blocks, 0);
    EXPECT_EQ(admission_.usage(), Admission::Usage{});
    for (const auto& listener : listeners_) {
      EXPECT_EQ(listener->done_count(), 1);
      EXPECT_THAT(listener->violations(), testing::IsEmpty());
    }
  }

  RequestBuilder NewRequest() { return RequestBuilder(clock_.Now()); }
  std::shared_ptr<RecordingListener> Add(RequestBuilder builder) {
    listeners_.push_back(std::make_shared<RecordingListener>());
    executor_.Add({.handle = ++last_handle_,
                   .request = builder.Build(listeners_.back()),
                   .place = *admission_.Reserve({.pixels = 1}),
                   .submitted = clock_.Now()});
    return listeners_.back();
  }

  // Returns false when there was nothing to do.
  bool TakeStep() {
    executor_.PrepareStep(clock_.Now());
    const BatchStep step = DecideStep(options_, executor_.Snapshot(), clock_.Now());
    if (std::holds_alternative<WaitStep>(step)) return false;
    executor_.Run(step);
    return true;
  }
  void TakeAllSteps() {
    while (TakeStep()) {
    }
  }
  FakeEngine::Step LastStep() const { return engine_.last_step(); }

  const Scheduler::Options options_;
  FakeClock clock_;
  FakeEngine engine_;
  RecordingObserver observer_;
  Admission admission_{{.requests = 100'000, .pixels = 1'000'000}};
  Forecast forecast_{options_};
  BatchExecutor executor_{&options_, &engine_, &forecast_, &clock_, &observer_};
  std::vector<std::shared_ptr<RecordingListener>> listeners_;
  RequestHandle last_handle_ = 0;  // of the request added last
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_LOOP_EXECUTOR_FIXTURE_H_
