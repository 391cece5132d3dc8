// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/logging.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "gmock/gmock.h"
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
    FlushLog();
  }
  EXPECT_EQ(LostLogLines(), lost + 2);
  Log(LogLevel::kInfo, "written again");
  FlushLog();
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
    FlushLog();
  }
  EXPECT_EQ(LostLogLines(), lost + 1);
}

TEST(LoggingTest, APipeThatNobodyReadsKeepsNobodyWaiting) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const StandardErrorAs unread(ends[1]);
  StartLogging("info", "text");
  while (write(STDERR_FILENO, "x", 1) == 1) {
  }
  const int64_t lost = LostLogLines();
  const std::string word(1 << 16, 'w');
  for (int i = 0; i < 70; ++i) Log(LogLevel::kInfo, word);
  EXPECT_GT(LostLogLines(), lost);
  close(ends[0]);  // what waits is lost too
  FlushLog();
}

TEST(LoggingTest, OnAPipeALineIsPlainText) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  char text[256] = {};
  {
    const StandardErrorAs log(ends[1]);
    StartLogging("info", "text");
    Log(LogLevel::kDebug, "not asked for");
    Log(LogLevel::kWarning, "disk", {{"free", int64_t{1}}});
    FlushLog();
    ASSERT_GT(read(ends[0], text, sizeof(text) - 1), 0);
  }
  close(ends[0]);
  EXPECT_THAT(text, testing::MatchesRegex("[-0-9]+ [:.0-9]+ warning disk free=1\n"));
}

}  // namespace
}  // namespace mrmllm
