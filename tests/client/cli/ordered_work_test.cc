// SPDX-License-Identifier: Apache-2.0
#include "client/cli/ordered_work.h"

#include <atomic>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(OrderedWorkTest, HandsOverResultsInOrder) {
  std::vector<int> results;
  OrderedWork<int>(100, 4).Run([](int i) { return i * i; },
                               [&](int, int result) {
                                 results.push_back(result);
                                 return true;
                               });
  ASSERT_EQ(results.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(results[i], i * i);
}

TEST(OrderedWorkTest, BeginsNothingNewOnceStopped) {
  std::atomic<int> begun = 0;
  OrderedWork<int>(1000, 2).Run([&](int i) { return ++begun, i; }, [](int, int) { return false; });
  // Two threads, and at most two results each that wait.
  EXPECT_LE(begun, 5);
}

TEST(OrderedWorkTest, DoesNothingForNothing) {
  OrderedWork<int>(0, 4).Run([](int i) { return i; },
                             [](int, int) -> bool {
                               ADD_FAILURE();
                               return true;
                             });
}

}  // namespace
}  // namespace mrmllm
