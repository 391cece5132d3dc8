// SPDX-License-Identifier: Apache-2.0
#include "server/security/rate_limiter.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

class RateLimiterTest : public testing::Test {
 protected:
  absl::Duration Take(const std::string& name, RateLimit limit) {
    return limiter_.Take({{name, limit}}, now_);
  }

  RateLimiter limiter_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000'000);
};

TEST_F(RateLimiterTest, ABurstGoesAndThenTheRateHolds) {
  const RateLimit limit{.per_second = 10, .burst = 3};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Take("a", limit), absl::ZeroDuration()) << i;
  EXPECT_EQ(Take("a", limit), absl::Milliseconds(100));
  now_ += absl::Milliseconds(40);
  EXPECT_EQ(Take("a", limit), absl::Milliseconds(60));
}

TEST_F(RateLimiterTest, AfterExactlyTheWaitThereIsAToken) {
  const RateLimit limit{.per_second = 7, .burst = 2};
  for (int i = 0; i < 200; ++i) {
    const absl::Duration wait = Take("a", limit);
    if (wait == absl::ZeroDuration()) continue;
    now_ += wait - absl::Nanoseconds(1);
    EXPECT_GT(Take("a", limit), absl::ZeroDuration());
    now_ += absl::Nanoseconds(1);
    EXPECT_EQ(Take("a", limit), absl::ZeroDuration());
  }
}

TEST_F(RateLimiterTest, WithoutABurstOneSecondsWorthGoesAtOnce) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Take("five", {.per_second = 5}), absl::ZeroDuration());
  EXPECT_EQ(Take("five", {.per_second = 5}), absl::Milliseconds(200));
  EXPECT_EQ(Take("slow", {.per_second = 0.1}), absl::ZeroDuration());
  EXPECT_EQ(Take("slow", {.per_second = 0.1}), absl::Seconds(10));
}

TEST_F(RateLimiterTest, NoLimitIsNone) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Take("a", {}), absl::ZeroDuration());
  EXPECT_EQ(limiter_.remembered(), 0u);
}

TEST_F(RateLimiterTest, ARefusalTakesFromNoBucket) {
  const RateLimiter::Bucket wide{"wide", {.per_second = 1, .burst = 2}};
  const RateLimiter::Bucket narrow{"narrow", {.per_second = 1, .burst = 1}};
  EXPECT_EQ(limiter_.Take({wide, narrow}, now_), absl::ZeroDuration());
  EXPECT_EQ(limiter_.Take({wide, narrow}, now_), absl::Seconds(1));
  EXPECT_EQ(limiter_.Take({wide}, now_), absl::ZeroDuration());
  EXPECT_EQ(limiter_.Take({wide}, now_), absl::Seconds(1));
}

TEST_F(RateLimiterTest, NamesThatHaveBeenIdleAreForgotten) {
  for (int i = 0; i < 10'000; ++i) {
    Take(absl::StrCat("name ", i), {.per_second = 100});
    now_ += absl::Milliseconds(1);
  }
  EXPECT_LE(limiter_.remembered(), 1024u);
}

}  // namespace
}  // namespace mrmllm
