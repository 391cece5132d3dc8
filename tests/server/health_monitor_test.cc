// SPDX-License-Identifier: Apache-2.0
#include "server/health_monitor.h"

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"

namespace mrmllm {
namespace {

// Keeps what it was last told, and lets a test wait for it.
class RecordingHealth : public HealthReporter {
 public:
  void SetLiveness(bool live) override {
    absl::MutexLock lock(&mutex_);
    live_ = live;
  }
  void SetReadiness(bool ready) override {
    absl::MutexLock lock(&mutex_);
    ready_ = ready;
  }
  void AwaitLiveness(bool live) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(live ? &IsTrue : &IsFalse, &live_));
  }
  void AwaitReadiness(bool ready) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(ready ? &IsTrue : &IsFalse, &ready_));
  }
  bool ready() const {
    absl::MutexLock lock(&mutex_);
    return ready_;
  }

 private:
  static bool IsTrue(bool* value) { return *value; }
  static bool IsFalse(bool* value) { return !*value; }

  mutable absl::Mutex mutex_;
  bool live_ ABSL_GUARDED_BY(mutex_) = true;
  bool ready_ ABSL_GUARDED_BY(mutex_) = true;
};

class HealthMonitorTest : public testing::Test {
 protected:
  HealthMonitorTest() {
    std::vector<std::unique_ptr<Engine>> engines;
    for (FakeEngine*& engine : engines_) {
      auto owned = std::make_unique<FakeEngine>();
      engine = owned.get();
      engines.push_back(std::move(owned));
    }
    models_.Activate(*ServedModel::Create({}, std::move(engines), &clock_, nullptr));
  }
  Scheduler& scheduler() const { return (*models_.Find("", ""))->scheduler(); }

  std::shared_ptr<RecordingListener> Detect() {
    Request request;
    request.images = {{.input = MakeImage(4, 4)}};
    request.arrival = clock_.Now();
    auto heard = std::make_shared<RecordingListener>();
    request.listener = heard;
    EXPECT_TRUE(scheduler().Submit(std::move(request), Reservation()).ok());
    return heard;
  }

  // The monitor has looked after this.
  void AdvanceOnce(absl::Duration by) {
    clock_.BlockUntilWaiters(1);
    clock_.Advance(by);
    clock_.BlockUntilWaiters(1);
  }

  FakeClock clock_;
  FakeEngine* engines_[2] = {};
  RecordingHealth health_;
  ModelRegistry models_{"", nullptr};
};

TEST_F(HealthMonitorTest, LivenessFollowsAnExecutorThatStopsAndGoesOn) {
  HealthMonitor monitor(&models_, &health_, &clock_, absl::Seconds(8));
  engines_[0]->Hold();
  auto heard = Detect();
  engines_[0]->AwaitHeld();
  for (int second = 0; second < 10; second += 2) AdvanceOnce(absl::Seconds(2));
  health_.AwaitLiveness(false);

  engines_[0]->Release();
  EXPECT_TRUE(heard->AwaitDone().ok());
  AdvanceOnce(absl::Seconds(2));
  health_.AwaitLiveness(true);
}

TEST_F(HealthMonitorTest, ReadinessEndsWithTheLastEngine) {
  for (FakeEngine* engine : engines_) {
    engine->FailImage(4, 4, absl::UnavailableError("the device has fallen off"));
  }
  engines_[1]->Hold();
  HealthMonitor monitor(&models_, &health_, &clock_, absl::Seconds(8));
  auto heard = Detect();
  engines_[1]->AwaitHeld();  // it has moved there
  AdvanceOnce(absl::Seconds(1));
  EXPECT_TRUE(health_.ready());

  engines_[1]->Release();
  EXPECT_TRUE(absl::IsUnavailable(heard->AwaitDone()));
  EXPECT_TRUE(scheduler().AwaitIdle(absl::InfiniteFuture()));
  AdvanceOnce(absl::Seconds(1));
  health_.AwaitReadiness(false);
}

TEST_F(HealthMonitorTest, NeverMakesADrainingServerReady) {
  HealthMonitor monitor(&models_, &health_, &clock_, absl::Seconds(8));
  health_.SetReadiness(false);
  AdvanceOnce(absl::Seconds(1));
  EXPECT_FALSE(health_.ready());
}

}  // namespace
}  // namespace mrmllm
