// SPDX-License-Identifier: Apache-2.0
#include "client/bench/arrivals.h"

#include <cmath>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(PoissonArrivalsTest, ComeInOrderAndAtTheirRate) {
  PoissonArrivals arrivals(50, 7);
  constexpr int kCount = 20'000;
  absl::Duration last;
  for (int i = 0; i < kCount; ++i) {
    const absl::Duration at = arrivals.Next();
    ASSERT_GE(at, last);
    last = at;
  }
  // Four standard deviations of the mean gap.
  EXPECT_NEAR(absl::ToDoubleSeconds(last) / kCount, 1.0 / 50, 4 / 50.0 / std::sqrt(kCount));
}

TEST(PoissonArrivalsTest, GapsSpreadAsMuchAsTheirMean) {
  PoissonArrivals arrivals(2, 11);
  constexpr int kCount = 20'000;
  double sum = 0, squares = 0;
  absl::Duration last;
  for (int i = 0; i < kCount; ++i) {
    const absl::Duration at = arrivals.Next();
    const double gap = absl::ToDoubleSeconds(at - last);
    sum += gap;
    squares += gap * gap;
    last = at;
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(std::sqrt(squares / kCount - mean * mean) / mean, 1, 0.05);
}

TEST(PoissonArrivalsTest, TheSameSeedGivesTheSameArrivals) {
  PoissonArrivals one(5, 3), same(5, 3), other(5, 4);
  for (int i = 0; i < 10; ++i) {
    const absl::Duration at = one.Next();
    EXPECT_EQ(at, same.Next());
    EXPECT_NE(at, other.Next());
  }
}

}  // namespace
}  // namespace mrmllm
