// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/completion_pace.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000);

// A pace after many ends, one every `interval`.
absl::Time RunAt(absl::Duration interval, CompletionPace& pace) {
  absl::Time now = kStart;
  pace.Begin(now);
  for (int i = 0; i < 200; ++i) pace.End(now += interval, 1);
  return now;
}

TEST(CompletionPaceTest, SuggestsTheTimeInWhichHalfOfTheOpenRequestsEnd) {
  CompletionPace pace;
  RunAt(absl::Milliseconds(100), pace);
  EXPECT_NEAR(absl::ToDoubleSeconds(pace.RetryDelay(80)), 4.0, 0.01);
}

TEST(CompletionPaceTest, StaysWithinItsBounds) {
  CompletionPace pace;
  RunAt(absl::Seconds(1), pace);
  EXPECT_EQ(pace.RetryDelay(0), CompletionPace::kMinDelay);
  EXPECT_EQ(pace.RetryDelay(1000), CompletionPace::kMaxDelay);
}

TEST(CompletionPaceTest, IdleTimeIsNotSlowness) {
  CompletionPace pace;
  absl::Time now = RunAt(absl::Milliseconds(100), pace);
  now += absl::Hours(1);
  pace.Begin(now);
  pace.End(now + absl::Milliseconds(100), 1);
  EXPECT_NEAR(absl::ToDoubleSeconds(pace.RetryDelay(80)), 4.0, 0.01);
}

TEST(CompletionPaceTest, RequestsThatEndTogetherShareTheTime) {
  CompletionPace pace;
  absl::Time now = kStart;
  pace.Begin(now);
  for (int i = 0; i < 50; ++i) pace.End(now += absl::Milliseconds(800), 8);
  EXPECT_NEAR(absl::ToDoubleSeconds(pace.RetryDelay(80)), 4.0, 0.01);
}

TEST(CompletionPaceTest, FollowsAChange) {
  CompletionPace pace;
  absl::Time now = RunAt(absl::Milliseconds(10), pace);
  for (int i = 0; i < 40; ++i) pace.End(now += absl::Milliseconds(100), 1);
  EXPECT_NEAR(absl::ToDoubleSeconds(pace.RetryDelay(80)), 4.0, 0.1);
}

}  // namespace
}  // namespace mrmllm
