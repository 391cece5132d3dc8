// SPDX-License-Identifier: Apache-2.0
#include "client/draw/caption.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

// Every byte is ten pixels wide.
int TenPixels(absl::string_view part, int) { return static_cast<int>(part.size()) * 10; }

TEST(WrapWordsTest, BreaksAtSpaces) {
  const auto words = WrapWords("one two three", 80, TenPixels);
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[1].line, 0);
  EXPECT_EQ(words[1].x, 40);
  EXPECT_EQ(words[2].line, 1);
  EXPECT_EQ(words[2].x, 0);
  EXPECT_EQ(words[2].start_byte, 8);
}

TEST(WrapWordsTest, BreaksAWordThatIsTooLong) {
  const auto words = WrapWords("abcdefgh", 30, TenPixels);
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0].text, "abc");
  EXPECT_EQ(words[2].text, "gh");
  EXPECT_EQ(words[2].line, 2);
}

TEST(WrapWordsTest, NeverCutsACharacter) {
  const auto words = WrapWords("ééé", 30, TenPixels);  // two bytes each
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0].text, "é");
}

TEST(WrapWordsTest, KeepsLineBreaks) {
  const auto words = WrapWords("a\n\nb", 100, TenPixels);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[1].line, 2);
}

TEST(WrapWordsTest, ComesToAnEndOnAnyWidth) {
  EXPECT_EQ(WrapWords("abc", 0, TenPixels).size(), 3u);
  EXPECT_TRUE(WrapWords("  ", 10, TenPixels).empty());
}

TEST(WithCaptionTest, AddsABandOfThePictureWidth) {
  const cv::Mat picture(200, 300, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat result = WithCaption(picture, {.question = "What?", .answer = "A dog."});
  EXPECT_EQ(result.cols, 300);
  EXPECT_GT(result.rows, 230);
  EXPECT_EQ(result.at<cv::Vec3b>(199, 299), cv::Vec3b(1, 2, 3));
}

TEST(WithCaptionTest, WritesASpanInItsColor) {
  const cv::Mat picture(200, 300, CV_8UC3, cv::Scalar(0, 0, 0));
  const auto has_red = [&](const Caption& caption) {
    const cv::Mat result = WithCaption(picture, caption);
    for (auto it = result.begin<cv::Vec3b>(); it != result.end<cv::Vec3b>(); ++it) {
      if ((*it)[2] > 200 && (*it)[1] < 60) return true;
    }
    return false;
  };
  Caption caption{.question = "", .answer = "A dog."};
  EXPECT_FALSE(has_red(caption));
  caption.spans = {{2, 5, {255, 0, 0}}};
  EXPECT_TRUE(has_red(caption));
}

}  // namespace
}  // namespace mrmllm
