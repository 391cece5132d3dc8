// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/one_thread_each.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "gtest/gtest.h"

namespace mrmllm::kernels {
namespace {

TEST(OneThreadEachTest, EveryIndexIsGivenOutOnce) {
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    for (const int64_t count : {0, 1, 2, 5, 8, 9, 100}) {
      std::vector<int> visits(count);
      OneThreadEach(count, [&](int64_t i) { ++visits[i]; });
      EXPECT_EQ(visits, std::vector<int>(count, 1)) << threads << " threads, " << count;
    }
  }
}

TEST(OneThreadEachTest, WithinThereIsOneThreadAndAfterItAllAreBack) {
  at::set_num_threads(2);
  std::atomic<int> most = 0;
  OneThreadEach(4, [&](int64_t) {
    for (int seen = most; at::get_num_threads() > seen;) {
      if (most.compare_exchange_weak(seen, at::get_num_threads())) break;
    }
  });
  EXPECT_EQ(most, 1);
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(OneThreadEachTest, OneLeftOverHasAllThreads) {
  at::set_num_threads(2);
  std::vector<int> threads(3);
  OneThreadEach(3, [&](int64_t i) { threads[i] = at::get_num_threads(); });
  EXPECT_EQ(threads, (std::vector<int>{1, 1, 2}));
}

TEST(OneThreadEachTest, TheCallersModesHoldWithin) {
  at::set_num_threads(2);
  const c10::InferenceMode inference;
  std::atomic<int> in_mode = 0;
  OneThreadEach(8, [&](int64_t) { in_mode += c10::InferenceMode::is_enabled(); });
  EXPECT_EQ(in_mode, 8);
}

TEST(OneThreadEachTest, WhatIsThrownComesOutWhenAllHaveEnded) {
  at::set_num_threads(2);
  std::atomic<int> begun = 0;
  EXPECT_THROW(OneThreadEach(2,
                             [&](int64_t i) {
                               ++begun;
                               if (i == 0) throw std::runtime_error("no");
                             }),
               std::runtime_error);
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(at::get_num_threads(), 2);
}

}  // namespace
}  // namespace mrmllm::kernels
