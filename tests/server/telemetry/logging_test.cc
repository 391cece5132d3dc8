// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/logging.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(LoggingTest, TextQuotesWhatIsNoPlainWord) {
  EXPECT_EQ(
      FormatLogLine("request",
                    {{"code", "OK"}, {"images", int64_t{2}}, {"error", "a \"b\"\nc=d"}, {"id", ""}},
                    false),
      R"(request code=OK images=2 error="a \"b\"\nc=d" id="")");
}

TEST(LoggingTest, JsonEscapesAndRepairsText) {
  const std::string line = FormatLogLine("request", {{"id", "a\"\n\xff"}, {"ms", 1.5}}, true);
  const auto parsed = nlohmann::json::parse("{" + line + "}");
  EXPECT_EQ(parsed["message"], "request");
  EXPECT_EQ(parsed["id"], "a\"\n\xef\xbf\xbd");
  EXPECT_EQ(parsed["ms"], 1.5);
}

}  // namespace
}  // namespace mrmllm
