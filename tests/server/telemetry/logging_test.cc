// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/logging.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(LoggingTest, TextQuotesWhatIsNoPlainWord) {
  const std::vector<LogField> fields = {
      {"code", "OK"}, {"images", int64_t{2}}, {"error", "a \"b\"\nc=d"}, {"id", ""}};
  EXPECT_EQ(FormatLogLine("request", fields, false),
            R"(request code=OK images=2 error="a \"b\"\nc=d" id="")");
}

TEST(LoggingTest, JsonEscapesAndRepairsText) {
  const std::vector<LogField> fields = {{"id", "a\"\n\xff"}, {"ms", 1.5}};
  const std::string line = FormatLogLine("request", fields, true);
  const auto parsed = nlohmann::json::parse("{" + line + "}");
  EXPECT_EQ(parsed["message"], "request");
  EXPECT_EQ(parsed["id"], "a\"\n\xef\xbf\xbd");
  EXPECT_EQ(parsed["ms"], 1.5);
}

// Puts another file in the place of standard error while it lives.
class StandardErrorAs {
 public:
  explicit StandardErrorAs(int file) : before_(dup(STDERR_FILENO)) {
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~StandardErrorAs() {
    dup2(before_, STDERR_FILENO);
    close(before_);
  }

 private:
  const int before_;
};

TEST(LoggingTest, AFullDiskCostsLinesAndNothingElse) {
  StartLogging("info", "text");
  const int64_t lost = LostLogLines();
  {
    StandardErrorAs full(open("/dev/full", O_WRONLY));
    Log(LogLevel::kInfo, "lost");
    Log(LogLevel::kError, "lost too");
  }
  EXPECT_EQ(LostLogLines(), lost + 2);
  Log(LogLevel::kInfo, "written again");
  EXPECT_EQ(LostLogLines(), lost + 2);
}

TEST(LoggingTest, APipeThatNobodyReadsAnyMoreCostsLinesAndNothingElse) {
  StartLogging("info", "text");
  const int64_t lost = LostLogLines();
  {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    StandardErrorAs deserted(ends[1]);
    close(ends[0]);
    Log(LogLevel::kInfo, "lost");
  }
  EXPECT_EQ(LostLogLines(), lost + 1);
}

}  // namespace
}  // namespace mrmllm
