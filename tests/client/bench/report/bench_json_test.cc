// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_json.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/client/bench/report/levels.h"

namespace mrmllm {
namespace {

using nlohmann::json;

TEST(BenchJsonTest, TellsHowItWasMeasured) {
  const json root = json::parse(BenchJson(SomeSetting(), {Summarize(SomeLevel(4))}));
  EXPECT_EQ(root["server"], "127.0.0.1:1");
  EXPECT_EQ(root["loop"], "closed");
  EXPECT_EQ(root["mix"], "detect=0.5,perceive=0.5");
  EXPECT_EQ(root["cold"], true);
  EXPECT_EQ(root["max_new_tokens"], 64);
  EXPECT_EQ(root["timeout_ms"], 60'000.0);
}

TEST(BenchJsonTest, HasEveryLevelWithAllAndEachRpc) {
  const json levels = json::parse(
      BenchJson(SomeSetting(), {Summarize(SomeLevel(4)), Summarize(SomeLevel(16))}))["levels"];
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[1]["clients"], 16);
  EXPECT_EQ(levels[1]["seconds"], 10);
  EXPECT_EQ(levels[1]["all"]["requests_per_second"], 3);
  EXPECT_EQ(levels[1]["all"]["codes"], json({{"OK", 30}, {"RESOURCE_EXHAUSTED", 2}}));
  EXPECT_EQ(levels[1]["perceive"]["latency_ms"]["p99"], 1000.0);
  EXPECT_EQ(levels[1]["perceive"]["first_token_ms"]["count"], 10);
  EXPECT_EQ(levels[1]["perceive"]["per_token_ms"]["p50"], 10.0);
  EXPECT_EQ(levels[1]["perceive"]["first_boxes_ms"]["p50"], 250.0);
  EXPECT_FALSE(levels[1]["detect"].contains("first_token_ms"));
  EXPECT_FALSE(levels[1].contains("ask"));
  EXPECT_EQ(levels[1]["first_error"]["code"], "RESOURCE_EXHAUSTED");
}

TEST(BenchJsonTest, AnOpenLoopTellsItsRateAndWhatItDidNotSend) {
  LevelResult result{.plan = {.rate = 2.5}, .window = absl::Seconds(1), .not_sent = 3};
  const json root = json::parse(BenchJson(SomeSetting(), {Summarize(result)}));
  EXPECT_EQ(root["loop"], "open");
  EXPECT_EQ(root["levels"][0]["rate"], 2.5);
  EXPECT_EQ(root["levels"][0]["not_sent"], 3);
  EXPECT_EQ(root["levels"][0]["all"]["latency_ms"]["count"], 0);
}

TEST(BenchJsonTest, BytesThatAreNoTextStayReadable) {
  LevelResult result{.first_error = absl::InternalError("bad \xFF byte")};
  const json root = json::parse(BenchJson(SomeSetting(), {Summarize(result)}));
  EXPECT_EQ(root["levels"][0]["first_error"]["message"], "bad \xEF\xBF\xBD byte");
}

}  // namespace
}  // namespace mrmllm
