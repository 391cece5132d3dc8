// SPDX-License-Identifier: Apache-2.0
#include "server/health_monitor.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/fake_models.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"
#include "tests/support/status_matchers.h"

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
  void SetModelReadiness(const std::string& name, bool ready) override {
    absl::MutexLock lock(&mutex_);
    models_[name] = ready;
  }
  // "coco 1", "coco 0": by name, whether it is ready.
  std::vector<std::string> models() const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> words;
    for (const auto& [name, ready] : models_) words.push_back(absl::StrCat(name, " ", ready));
    return words;
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
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, bool> models_ ABSL_GUARDED_BY(mutex_);
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
    models_.Activate(*ServedModel::Create({}, std::move(engines), &clock_, nullptr),
                     OtherVersions::kDrain);
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
  ModelRegistry models_{{}};
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
  EXPECT_TRUE(scheduler().AwaitIdle(absl::InfiniteFuture()));  // the step counts as ended too
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
  monitor.Refresh();
  EXPECT_TRUE(health_.ready());
  monitor.BeginDrain();
  AdvanceOnce(absl::Seconds(1));
  monitor.Refresh();
  EXPECT_FALSE(health_.ready());
  EXPECT_THAT(health_.models(), testing::ElementsAre("fake 0"));
}

TEST_F(HealthMonitorTest, ReadinessFollowsTheModels) {
  HealthMonitor monitor(&models_, &health_, &clock_, absl::Seconds(8));
  monitor.Refresh();
  EXPECT_TRUE(health_.ready());
  EXPECT_THAT(health_.models(), testing::ElementsAre("fake 1"));

  models_.Activate(FakeModel("pets", "1", &clock_), OtherVersions::kDrain);
  ASSERT_OK(models_.Unload("fake", "", false));
  monitor.Refresh();
  EXPECT_FALSE(health_.ready());
  EXPECT_THAT(health_.models(), testing::ElementsAre("fake 0", "pets 1"));

  models_.Activate(FakeModel("fake", "2", &clock_), OtherVersions::kDrain);
  monitor.Refresh();
  EXPECT_TRUE(health_.ready());
  EXPECT_THAT(health_.models(), testing::ElementsAre("fake 1", "pets 1"));
}

}  // namespace
}  // namespace mrmllm
