// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/bench/report/levels.h"

namespace mrmllm {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(BenchTextTest, HasARowForEachRpcAndOneForAll) {
  const std::string text = BenchText(SomeSetting(), {Summarize(SomeLevel(16))}, Style(false));
  EXPECT_THAT(text, HasSubstr("closed loop; detect=0.5,perceive=0.5; 6 pictures"));
  EXPECT_THAT(text,
              ContainsRegex("16  detect +20 +0 +2.00 +100 +100 +100 +100 +100 +- +- +- +- +-\n"));
  EXPECT_THAT(text,
              ContainsRegex("16  perceive +12 +2 +1.00 +1000 .* 500 +500 +10.0 +10.0 +8.00\n"));
  EXPECT_THAT(text, ContainsRegex("16  all +32 +2 +3.00 "));
}

TEST(BenchTextTest, SaysWhatWentWrong) {
  LevelResult result = SomeLevel(16);
  result.plan = {.rate = 2.5, .max_in_flight = 7};
  result.not_sent = 3;
  result.stopped = true;
  result.unfinished = 5;
  const std::string text = BenchText(SomeSetting(), {Summarize(result)}, Style(false));
  EXPECT_THAT(text, HasSubstr("2.5 a second: 2 RESOURCE_EXHAUSTED, 3 not sent: 7 were in flight "
                              "(--max-in-flight), stopped, 5 unfinished; the first: the queue"));
}

TEST(BenchTextTest, IsSilentWhenAllIsWell) {
  LevelResult result{.plan = {.clients = 1}, .window = absl::Seconds(1)};
  result.samples.push_back(OkSample(Rpc::kAsk, absl::Milliseconds(7)));
  const std::string text = BenchText(SomeSetting(), {Summarize(result)}, Style(false));
  EXPECT_THAT(text, Not(HasSubstr("clients:")));
  EXPECT_THAT(text, Not(HasSubstr("all")));
  EXPECT_THAT(text, HasSubstr("7.00"));
}

}  // namespace
}  // namespace mrmllm
