// SPDX-License-Identifier: Apache-2.0
#include "server/access/periodic.h"

#include <atomic>

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

TEST(PeriodicTest, ActsOnceAnInterval) {
  FakeClock clock;
  std::atomic<int> count = 0;
  Periodic periodic(&clock, absl::Seconds(10), [&] { ++count; });
  for (int i = 0; i < 3; ++i) {
    clock.BlockUntilWaiters(1);
    EXPECT_EQ(count, i);
    clock.Advance(absl::Seconds(9));
    EXPECT_EQ(count, i);
    clock.Advance(absl::Seconds(1));
    clock.BlockUntilWaiters(1);
    EXPECT_EQ(count, i + 1);
  }
}

}  // namespace
}  // namespace mrmllm
