// SPDX-License-Identifier: Apache-2.0
#include "server/liveness_monitor.h"

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"

namespace mrmllm {
namespace {

// Keeps the liveness it was last told, and lets a test wait for one.
class RecordingHealth : public HealthReporter {
 public:
  void SetLiveness(bool live) override {
    absl::MutexLock lock(&mutex_);
    live_ = live;
  }
  void SetReadiness(bool) override {}
  void AwaitLiveness(bool live) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(live ? &IsTrue : &IsFalse, &live_));
  }

 private:
  static bool IsTrue(bool* value) { return *value; }
  static bool IsFalse(bool* value) { return !*value; }

  absl::Mutex mutex_;
  bool live_ ABSL_GUARDED_BY(mutex_) = true;
};

TEST(LivenessMonitorTest, FollowsAnExecutorThatStopsAndGoesOn) {
  FakeClock clock;
  FakeEngine engine;
  RecordingHealth health;
  auto scheduler = Scheduler::Create({}, &engine, &clock, nullptr);
  ASSERT_TRUE(scheduler.ok());
  LivenessMonitor monitor(scheduler->get(), &health, &clock, absl::Seconds(8));

  engine.Hold();
  Request request;
  request.images = {{.input = MakeImage(4, 4)}};
  request.arrival = clock.Now();
  auto heard = std::make_shared<RecordingListener>();
  request.listener = heard;
  ASSERT_TRUE((*scheduler)->Submit(std::move(request), Reservation()).ok());
  engine.AwaitHeld();
  for (int second = 0; second < 10; second += 2) {
    clock.BlockUntilWaiters(1);
    clock.Advance(absl::Seconds(2));
  }
  health.AwaitLiveness(false);

  engine.Release();
  EXPECT_TRUE(heard->AwaitDone().ok());
  clock.BlockUntilWaiters(1);
  clock.Advance(absl::Seconds(2));
  health.AwaitLiveness(true);
}

}  // namespace
}  // namespace mrmllm
