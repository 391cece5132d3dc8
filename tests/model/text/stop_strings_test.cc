// SPDX-License-Identifier: Apache-2.0
#include "model/text/stop_strings.h"

#include <random>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(StopStringsTest, LetsTextThroughThatCannotBecomeAStopString) {
  StopStrings stop({"END"});
  EXPECT_EQ(stop.Append("hello").text, "hello");
  EXPECT_EQ(stop.Append(" E").text, " ");
  EXPECT_EQ(stop.Append("x").text, "Ex");
}

TEST(StopStringsTest, EndsBeforeAStopStringThatArrivesInParts) {
  StopStrings stop({"END"});
  EXPECT_EQ(stop.Append("one E").text, "one ");
  EXPECT_EQ(stop.Append("N").text, "");
  const StopStrings::Output output = stop.Append("D two");
  EXPECT_EQ(output.text, "");
  EXPECT_TRUE(output.stopped);
}

TEST(StopStringsTest, StaysStopped) {
  StopStrings stop({"."});
  EXPECT_EQ(stop.Append("a.b").text, "a");
  EXPECT_TRUE(stop.Append("more").stopped);
  EXPECT_EQ(stop.Append("more").text, "");
  EXPECT_EQ(stop.Flush(), "");
}

TEST(StopStringsTest, FlushGivesBackWhatWasHeld) {
  StopStrings stop({"END"});
  EXPECT_EQ(stop.Append("the EN").text, "the ");
  EXPECT_EQ(stop.Flush(), "EN");
  EXPECT_EQ(stop.Flush(), "");
}

TEST(StopStringsTest, FindsAStopStringThatBeginsInsideAnAttempt) {
  StopStrings stop({"aab"});
  EXPECT_EQ(stop.Append("aa").text, "");
  const StopStrings::Output output = stop.Append("ab");
  EXPECT_EQ(output.text, "a");
  EXPECT_TRUE(output.stopped);
}

TEST(StopStringsTest, TheFirstToBeCompleteWinsAndTheLongerOfTwo) {
  EXPECT_EQ(StopStrings({"bcd", "c"}).Append("abcd").text, "ab");
  EXPECT_EQ(StopStrings({"c", "bc"}).Append("abcd").text, "a");
}

TEST(StopStringsTest, WithoutStopStringsEverythingPasses) {
  StopStrings stop({"", ""});
  EXPECT_EQ(stop.Append("all of it").text, "all of it");
}

TEST(StopStringsTest, ResultDoesNotDependOnTheCuts) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const auto draw = [&](size_t max_length) {
      std::string text(1 + random() % max_length, 'a');
      for (char& c : text) c = static_cast<char>('a' + random() % 2);
      return text;
    };
    const std::vector<std::string> stops = {draw(4), draw(6)};
    const std::string text = draw(24);
    StopStrings whole(stops);
    const StopStrings::Output expected = whole.Append(text);

    StopStrings cut(stops);
    std::string got;
    bool stopped = false;
    for (size_t begin = 0; begin < text.size();) {
      const size_t length = 1 + random() % 4;
      const StopStrings::Output output = cut.Append(std::string_view(text).substr(begin, length));
      got += output.text;
      stopped = output.stopped;
      begin += length;
    }
    ASSERT_EQ(got + cut.Flush(), expected.text + whole.Flush()) << text << " " << stops[0];
    ASSERT_EQ(stopped, expected.stopped);
  }
}

}  // namespace
}  // namespace mrmllm
