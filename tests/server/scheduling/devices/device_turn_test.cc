// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/device_turn.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {
namespace {

// Notes the order of steps, and whether two ran at once.
class Log {
 public:
  void Begin(const std::string& who) {
    absl::MutexLock lock(&mutex_);
    if (running_) overlapped_ = true;
    running_ = true;
    order_ += who;
  }
  void End() {
    absl::MutexLock lock(&mutex_);
    running_ = false;
  }
  bool overlapped() const {
    absl::MutexLock lock(&mutex_);
    return overlapped_;
  }
  std::string order() const {
    absl::MutexLock lock(&mutex_);
    return order_;
  }

 private:
  mutable absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool overlapped_ ABSL_GUARDED_BY(mutex_) = false;
  std::string order_ ABSL_GUARDED_BY(mutex_);
};

class LoggingEngine : public FakeEngine {
 public:
  LoggingEngine(std::string who, Log* log) : who_(std::move(who)), log_(*log) {}
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override {
    log_.Begin(who_);
    auto results = FakeEngine::Perceive(items);
    log_.End();
    return results;
  }

 private:
  const std::string who_;
  Log& log_;
};

void AwaitWanted(const DeviceTurn& turn, int64_t count) {
  while (turn.wanted() < count) Clock::Real()->Pause(absl::Milliseconds(1));
}

TEST(DeviceTurnTest, TwoEnginesNeverStepAtOnceAndAlternate) {
  Log log;
  DeviceTurn turn;
  const auto a = TakeTurns(std::make_unique<LoggingEngine>("a", &log), &turn);
  const auto b = TakeTurns(std::make_unique<LoggingEngine>("b", &log), &turn);
  const auto step = [](Engine* engine) {
    EXPECT_TRUE(engine->Perceive({{MakeImage(4, 4)}})[0].ok());
  };
  std::vector<std::thread> threads;
  {
    // While somebody has the turn, four line up; they get it in the order in which they came.
    const DeviceTurn::Step held(&turn);
    int64_t wanted = 1;
    for (Engine* engine : {a.get(), b.get(), a.get(), b.get()}) {
      threads.emplace_back(step, engine);
      AwaitWanted(turn, ++wanted);
    }
    EXPECT_EQ(log.order(), "");
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log.order(), "abab");
  EXPECT_FALSE(log.overlapped());
}

TEST(DeviceTurnTest, ManyStepsFromManyThreadsNeverOverlap) {
  Log log;
  DeviceTurn turn;
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<std::thread> threads;
  for (const char* who : {"a", "b", "c"}) {
    engines.push_back(TakeTurns(std::make_unique<LoggingEngine>(who, &log), &turn));
    threads.emplace_back([engine = engines.back().get()] {
      for (int i = 0; i < 50; ++i) engine->Perceive({{MakeImage(4, 4)}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(log.overlapped());
  EXPECT_EQ(log.order().size(), 150);
  EXPECT_EQ(turn.wanted(), 0);
}

TEST(DeviceTurnTest, WhatTouchesNoDeviceDoesNotWait) {
  DeviceTurn turn;
  const auto engine = TakeTurns(std::make_unique<FakeEngine>(), &turn);
  const DeviceTurn::Step held(&turn);
  EXPECT_EQ(engine->info().model_name, "fake");
  EXPECT_GT(engine->EstimatePromptTokens(1, 10), 0);
  EXPECT_TRUE(engine->StartSequence({.question = "Who?"}).ok());
  EXPECT_EQ(engine->kv_usage(), KvUsage());
}

}  // namespace
}  // namespace mrmllm
