// SPDX-License-Identifier: Apache-2.0
#include "client/cli/interruption.h"

#include <csignal>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(InterruptionTest, CallsItsFunctionInsteadOfEndingTheProcess) {
  absl::Notification called;
  {
    const Interruption interruption([&] { called.Notify(); });
    std::raise(SIGINT);
    called.WaitForNotification();
  }
  EXPECT_TRUE(called.HasBeenNotified());
}

TEST(InterruptionTest, WithoutASignalItIsNeverCalled) {
  bool called = false;
  {
    const Interruption interruption([&] { called = true; });
  }
  EXPECT_FALSE(called);
}

TEST(InterruptionTest, TheSecondSignalEndsTheProcess) {
  // Threads of other tests are about: the child must not be a copy of them.
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        absl::Notification called;
        const Interruption interruption([&] { called.Notify(); });
        std::raise(SIGINT);
        called.WaitForNotification();
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptionTest, LeavesSignalsAsTheyWere) {
  {
    const Interruption interruption([] {});
  }
  struct sigaction now = {};
  sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace mrmllm
