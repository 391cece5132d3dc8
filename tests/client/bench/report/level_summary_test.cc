// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/level_summary.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/bench/report/levels.h"

namespace mrmllm {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST(LevelSummaryTest, CountsEveryRequestByItsCode) {
  const LevelSummary summary = Summarize(SomeLevel(4));
  EXPECT_EQ(summary.all.ended, 32);
  EXPECT_EQ(summary.all.ok, 30);
  EXPECT_EQ(summary.all.failed(), 2);
  EXPECT_THAT(summary.all.codes,
              UnorderedElementsAre(Pair(absl::StatusCode::kOk, 30),
                                   Pair(absl::StatusCode::kResourceExhausted, 2)));
}

TEST(LevelSummaryTest, KeepsTheRpcsThatOccurredApart) {
  const LevelSummary summary = Summarize(SomeLevel(4));
  ASSERT_EQ(summary.rpcs.size(), 2u);
  EXPECT_EQ(summary.rpcs[0].first, Rpc::kDetect);
  EXPECT_EQ(summary.rpcs[0].second.latency.p99, absl::Milliseconds(100));
  EXPECT_EQ(summary.rpcs[0].second.first_token.count, 0);
  EXPECT_EQ(summary.rpcs[1].first, Rpc::kPerceive);
  EXPECT_EQ(summary.rpcs[1].second.first_boxes.p50, absl::Milliseconds(250));
}

TEST(LevelSummaryTest, AQuickRefusalDoesNotFlatterTheLatency) {
  EXPECT_EQ(Summarize(SomeLevel(4)).all.latency.min, absl::Milliseconds(100));
}

TEST(LevelSummaryTest, ThroughputIsWhatSucceededWithinTheWindow) {
  LevelResult result = SomeLevel(4);
  EXPECT_EQ(Summarize(result).all.per_second, 3);
  EXPECT_EQ(Summarize(result).all.answer_tokens_per_second, 8);
  for (int i = 0; i < 20; ++i) result.samples[i].in_window = false;
  EXPECT_EQ(Summarize(result).all.per_second, 1);
  EXPECT_EQ(Summarize(result).all.ok, 30);
}

TEST(LevelSummaryTest, NothingIsNothingASecond) {
  const LevelSummary summary = Summarize({});
  EXPECT_EQ(summary.all.per_second, 0);
  EXPECT_TRUE(summary.rpcs.empty());
}

}  // namespace
}  // namespace mrmllm
