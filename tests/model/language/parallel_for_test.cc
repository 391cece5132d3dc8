// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/parallel_for.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace mrmllm::kernels {
namespace {

// How often each index of [0, count) was given out.
std::vector<int> Visits(int64_t count, int64_t grain) {
  std::vector<int> visits(count);
  ParallelFor(0, count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) ++visits[i];
  });
  return visits;
}

TEST(ParallelForTest, EveryIndexIsGivenOutOnce) {
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    for (const int64_t count : {1, 2, 7, 100, 100'000}) {
      for (const int64_t grain : {0, 1, 3, 1000}) {
        EXPECT_EQ(Visits(count, grain), std::vector<int>(count, 1))
            << threads << " threads, " << count << ", grain " << grain;
      }
    }
  }
}

TEST(ParallelForTest, AnEmptyRangeCallsNothing) {
  ParallelFor(3, 3, 1, [](int64_t, int64_t) { FAIL(); });
}

TEST(ParallelForTest, NoPieceIsSmallerThanTheGrain) {
  at::set_num_threads(4);
  std::atomic<int64_t> smallest = 1000;
  ParallelFor(0, 1000, 90, [&](int64_t begin, int64_t end) {
    int64_t seen = smallest;
    while (end - begin < seen && !smallest.compare_exchange_weak(seen, end - begin)) continue;
  });
  EXPECT_GE(smallest, 90);
}

TEST(ParallelForTest, ALoopWithinALoopRuns) {
  at::set_num_threads(3);
  std::atomic<int> sum = 0;
  ParallelFor(0, 10, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      ParallelFor(0, 10, 1, [&](int64_t b, int64_t e) { sum += static_cast<int>(e - b); });
    }
  });
  EXPECT_EQ(sum, 100);
}

// Many short loops of several callers: the moments in which one ends and the next begins.
TEST(ParallelForTest, CallersDoNotDisturbEachOther) {
  at::set_num_threads(3);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c) {
    callers.emplace_back([&wrong] {
      for (int n = 0; n < 20'000; ++n) {
        std::atomic<int64_t> sum = 0;
        ParallelFor(n, n + 7, 1, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) sum += i;
        });
        if (sum != 7 * n + 21) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace mrmllm::kernels
