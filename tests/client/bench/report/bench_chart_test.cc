// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_chart.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/bench/report/levels.h"
#include "tests/client/bench/report/well_formed.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

int CountOf(const std::string& text, const std::string& piece) {
  int count = 0;
  for (size_t at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

TEST(BenchChartTest, IsWellFormedAndHasADotForEachValue) {
  const std::string chart = BenchChart(
      SomeSetting(), {Summarize(SomeLevel(1)), Summarize(SomeLevel(4)), Summarize(SomeLevel(16))});
  EXPECT_EQ(WhyNotWellFormed(chart), "");
  EXPECT_EQ(CountOf(chart, "class=\"rate\"/>"), 4);  // three dots and their line
  EXPECT_EQ(CountOf(chart, "class=\"p50\"/>"), 5);   // one more for the legend
  EXPECT_EQ(CountOf(chart, "class=\"p99\"/>"), 5);
}

TEST(BenchChartTest, NamesItsAxesWithUnits) {
  const std::string chart = BenchChart(SomeSetting(), {Summarize(SomeLevel(1))});
  for (const char* words :
       {"requests answered a second", "milliseconds", "clients at the same time",
        "coco-135m 1 (bfloat16, cpu)", "prefers-color-scheme: dark"}) {
    EXPECT_THAT(chart, HasSubstr(words));
  }
  EXPECT_THAT(chart, Not(HasSubstr("polyline points")));
}

TEST(BenchChartTest, TellsLongLatenciesInSeconds) {
  LevelResult slow{.plan = {.clients = 4}, .window = absl::Seconds(1)};
  slow.samples.push_back(OkSample(Rpc::kAsk, absl::Seconds(12.5)));
  const std::string chart = BenchChart(SomeSetting(), {Summarize(slow)});
  EXPECT_THAT(chart, HasSubstr(">seconds<"));
  EXPECT_THAT(chart, HasSubstr(">12.5<"));
}

TEST(BenchChartTest, SaysHowManyRequestsFailed) {
  const std::string chart =
      BenchChart(SomeSetting(), {Summarize(SomeLevel(1)), Summarize(SomeLevel(4))});
  EXPECT_THAT(chart, HasSubstr("4 requests failed or were not sent"));
}

TEST(BenchChartTest, ALevelWithoutAnAnswerInterruptsTheLatency) {
  LevelResult none{.plan = {.clients = 4}, .window = absl::Seconds(1)};
  none.samples.push_back(FailedSample(Rpc::kAsk, absl::StatusCode::kUnavailable));
  const std::string chart = BenchChart(
      SomeSetting(), {Summarize(SomeLevel(1)), Summarize(none), Summarize(SomeLevel(16))});
  EXPECT_EQ(WhyNotWellFormed(chart), "");
  EXPECT_EQ(CountOf(chart, "class=\"p99\"/>"), 3);
  EXPECT_THAT(chart, Not(HasSubstr("nan")));
}

TEST(BenchChartTest, OfNothingIsAPictureToo) {
  EXPECT_EQ(WhyNotWellFormed(BenchChart(SomeSetting(), {})), "");
}

}  // namespace
}  // namespace mrmllm
