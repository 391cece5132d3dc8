// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/worker_pool.h"

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(WorkerPoolTest, RunsJobsInTheirOrder) {
  std::vector<int> order;
  {
    WorkerPool pool(1);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.Run([&order, i] { order.push_back(i); }));
  }
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkerPoolTest, RunsJobsSideBySide) {
  absl::Notification first;
  absl::Notification second;
  WorkerPool pool(2);  // last: its jobs use both to their end
  pool.Run([&] {
    first.Notify();
    second.WaitForNotification();
  });
  pool.Run([&] {
    first.WaitForNotification();
    second.Notify();
  });
  second.WaitForNotification();
}

TEST(WorkerPoolTest, DestructorRunsWhatIsQueued) {
  std::atomic<int> count = 0;
  {
    WorkerPool pool(3);
    for (int i = 0; i < 100; ++i) pool.Run([&count] { ++count; });
  }
  EXPECT_EQ(count, 100);
}

TEST(WorkerPoolTest, JobsMayOwnWhatCannotBeCopied) {
  int result = 0;
  {
    WorkerPool pool(1);
    pool.Run([value = std::make_unique<int>(7), &result] { result = *value; });
  }
  EXPECT_EQ(result, 7);
}

}  // namespace
}  // namespace mrmllm
