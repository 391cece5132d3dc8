// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <thread>

#include "gtest/gtest.h"

#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

TEST(RealClockTest, DoesNotGoBack) {
  const absl::Time earlier = Clock::Real()->Now();
  EXPECT_LE(earlier, Clock::Real()->Now());
}

TEST(RealClockTest, WaitWithAPastDeadlineReturns) {
  absl::Mutex mutex;
  bool never = false;
  absl::MutexLock lock(&mutex);
  EXPECT_FALSE(
      Clock::Real()->AwaitWithDeadline(&mutex, absl::Condition(&never), absl::InfinitePast()));
}

TEST(RealClockTest, WaitEndsWhenTheConditionHolds) {
  absl::Mutex mutex;
  bool ready = false;
  std::thread other([&] {
    absl::MutexLock lock(&mutex);
    ready = true;
  });
  {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(
        Clock::Real()->AwaitWithDeadline(&mutex, absl::Condition(&ready), absl::InfiniteFuture()));
  }
  other.join();
}

TEST(ClockTest, PauseLastsUntilTheTimeIsOver) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  absl::Time end;
  std::thread paused([&] {
    clock.Pause(absl::Seconds(5));
    end = clock.Now();
  });
  clock.BlockUntilWaiters(1);
  clock.Advance(absl::Seconds(5));
  paused.join();
  EXPECT_EQ(end, start + absl::Seconds(5));
}

}  // namespace
}  // namespace mrmllm
