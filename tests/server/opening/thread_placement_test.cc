// SPDX-License-Identifier: Apache-2.0
#include "server/opening/thread_placement.h"

#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Executor = ThreadPlacement::Executor;
using Cores = std::vector<int>;

Cores CoresUpTo(int count) {
  Cores cores(count);
  std::iota(cores.begin(), cores.end(), 0);
  return cores;
}

struct Case {
  const char* name;
  const char* devices;
  int threads;  // 0: divided
  bool pin;
  Cores cores;
  std::vector<Executor> executors;
  Cores others;
};

std::vector<Case> Cases() {
  return {
      {"TwoCoresAreTooFewToPin", "cpu", 0, true, {0, 1}, {{"cpu", 2, {}}}, {}},
      {"TwoExecutorsDivideTheCores",
       "cpu,cpu",
       0,
       true,
       {0, 1},
       {{"cpu", 1, {}}, {"cpu", 1, {}}},
       {}},
      {"NoExecutorHasLessThanOneThread",
       "cpu,cpu",
       0,
       true,
       {0},
       {{"cpu", 1, {}}, {"cpu", 1, {}}},
       {}},
      {"OneCoreLeftIsTooFew", "cpu", 3, true, {0, 1, 2, 3}, {{"cpu", 3, {}}}, {}},
      {"TwoCoresLeftAreEnough", "cpu", 2, true, {0, 1, 2, 3}, {{"cpu", 2, {0, 1}}}, {2, 3}},
      {"EightCoresLeaveTwoForTheRest",
       "cpu",
       0,
       true,
       CoresUpTo(8),
       {{"cpu", 6, CoresUpTo(6)}},
       {6, 7}},
      {"ExecutorsHaveCoresOfTheirOwn",
       "cpu, cpu",
       2,
       true,
       CoresUpTo(6),
       {{"cpu", 2, {0, 1}}, {"cpu", 2, {2, 3}}},
       {4, 5}},
      {"OnlyUsableCoresAreHandedOut", "cpu", 2, true, {3, 5, 8, 9}, {{"cpu", 2, {3, 5}}}, {8, 9}},
      {"AGpuNeedsOneCore",
       "cuda:0,cuda:1",
       6,
       true,
       {0, 1, 2, 3},
       {{"cuda:0", 1, {0}}, {"cuda:1", 1, {1}}},
       {2, 3}},
      {"ACpuBesideAGpuLeavesItItsCore",
       "cuda:0,cpu",
       0,
       true,
       {0, 1, 2, 3},
       {{"cuda:0", 1, {}}, {"cpu", 3, {}}},
       {}},
      {"NothingIsPinnedWhenItIsOff", "cpu", 2, false, CoresUpTo(8), {{"cpu", 2, {}}}, {}},
      {"MoreThreadsThanCoresAreTheOperatorsWill", "cpu", 9, true, {0, 1}, {{"cpu", 9, {}}}, {}},
  };
}

class ThreadPlacementTest : public testing::TestWithParam<Case> {};

TEST_P(ThreadPlacementTest, PlacesEveryExecutor) {
  const Case& param = GetParam();
  auto placement = PlaceThreads(
      {.devices = param.devices, .threads = param.threads, .pin = param.pin}, param.cores);
  ASSERT_OK(placement.status());
  EXPECT_EQ(placement->executors, param.executors);
  EXPECT_EQ(placement->other_cores, param.others);
}

INSTANTIATE_TEST_SUITE_P(Table, ThreadPlacementTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST(ThreadPlacementErrorsTest, NamesAListWithAHole) {
  for (const char* devices : {"", "cpu,", ",cpu", "cpu,,cpu"}) {
    EXPECT_THAT(PlaceThreads({.devices = devices}, CoresUpTo(2)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(devices)));
  }
}

TEST(ThreadAffinityTest, AThreadStaysWhereItIsPinnedAndItsChildrenToo) {
  const Cores all = UsableCores();
  ASSERT_THAT(all, testing::Not(IsEmpty()));
  Cores parent;
  Cores child;
  std::thread([&] {
    EXPECT_OK(PinThisThread({all.back()}));
    parent = UsableCores();
    std::thread([&] { child = UsableCores(); }).join();
  }).join();
  EXPECT_THAT(parent, ElementsAre(all.back()));
  EXPECT_THAT(child, ElementsAre(all.back()));
  EXPECT_EQ(UsableCores(), all);
}

TEST(ThreadAffinityTest, PinningToNoCoresChangesNothing) {
  const Cores before = UsableCores();
  EXPECT_OK(PinThisThread({}));
  EXPECT_EQ(UsableCores(), before);
}

}  // namespace
}  // namespace mrmllm
