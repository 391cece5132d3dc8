// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_clock.h"

#include <thread>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(FakeClockTest, StandsStillUntilItIsMoved) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Milliseconds(7));
  EXPECT_EQ(clock.Now(), start + absl::Milliseconds(7));
}

TEST(FakeClockTest, WaitEndsWhenTheDeadlineIsReached) {
  FakeClock clock;
  absl::Mutex mutex;
  bool never = false;
  bool held = true;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    held = clock.AwaitWithDeadline(&mutex, absl::Condition(&never), clock.Now() + absl::Seconds(2));
  });
  clock.BlockUntilWaiters(1);
  clock.Advance(absl::Seconds(1));
  clock.BlockUntilWaiters(1);  // it still waits
  clock.Advance(absl::Seconds(1));
  waiter.join();
  EXPECT_FALSE(held);
}

TEST(FakeClockTest, WaitEndsWhenTheConditionHolds) {
  FakeClock clock;
  absl::Mutex mutex;
  bool ready = false;
  bool held = false;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    held = clock.AwaitWithDeadline(&mutex, absl::Condition(&ready), clock.Now() + absl::Seconds(2));
  });
  clock.BlockUntilWaiters(1);
  {
    absl::MutexLock lock(&mutex);
    ready = true;
  }
  waiter.join();
  EXPECT_TRUE(held);
}

TEST(FakeClockTest, WaitWithAPastDeadlineDoesNotWait) {
  FakeClock clock;
  absl::Mutex mutex;
  bool never = false;
  absl::MutexLock lock(&mutex);
  EXPECT_FALSE(clock.AwaitWithDeadline(&mutex, absl::Condition(&never), clock.Now()));
}

}  // namespace
}  // namespace mrmllm
