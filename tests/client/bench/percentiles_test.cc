// SPDX-License-Identifier: Apache-2.0
#include "client/bench/percentiles.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

// 1 ms to `count` ms, the longest first.
std::vector<absl::Duration> UpTo(int count) {
  std::vector<absl::Duration> samples;
  for (int i = count; i >= 1; --i) samples.push_back(absl::Milliseconds(i));
  return samples;
}

TEST(PercentilesTest, AreTheSmallestSampleThatSoManyDoNotExceed) {
  const Distribution hundred = DistributionOf(UpTo(100));
  EXPECT_EQ(hundred.count, 100);
  EXPECT_EQ(hundred.min, absl::Milliseconds(1));
  EXPECT_EQ(hundred.p50, absl::Milliseconds(50));
  EXPECT_EQ(hundred.p90, absl::Milliseconds(90));
  EXPECT_EQ(hundred.p95, absl::Milliseconds(95));
  EXPECT_EQ(hundred.p99, absl::Milliseconds(99));
  EXPECT_EQ(hundred.max, absl::Milliseconds(100));
  EXPECT_EQ(hundred.mean, absl::Microseconds(50'500));
}

TEST(PercentilesTest, OfFewSamplesAreSamplesToo) {
  const Distribution three = DistributionOf(UpTo(3));
  EXPECT_EQ(three.p50, absl::Milliseconds(2));
  EXPECT_EQ(three.p90, absl::Milliseconds(3));
  EXPECT_EQ(three.p99, absl::Milliseconds(3));
  const Distribution one = DistributionOf(UpTo(1));
  EXPECT_EQ(one.p50, absl::Milliseconds(1));
  EXPECT_EQ(one.p99, absl::Milliseconds(1));
}

TEST(PercentilesTest, HoldTheirDefinitionForEveryCount) {
  for (int count = 1; count <= 250; ++count) {
    const std::vector<absl::Duration> samples = UpTo(count);
    const Distribution distribution = DistributionOf(samples);
    for (const auto& [p, value] : {std::pair(50, distribution.p50), {95, distribution.p95}}) {
      const auto not_above = std::count_if(samples.begin(), samples.end(),
                                           [&](absl::Duration sample) { return sample <= value; });
      EXPECT_GE(100 * not_above, p * count);
      EXPECT_LT(100 * (not_above - 1), p * count);
    }
  }
}

TEST(PercentilesTest, OfNothingAreZero) {
  EXPECT_EQ(DistributionOf({}).count, 0);
  EXPECT_EQ(DistributionOf({}).p99, absl::ZeroDuration());
}

}  // namespace
}  // namespace mrmllm
