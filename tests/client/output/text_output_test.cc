// SPDX-License-Identifier: Apache-2.0
#include "client/output/text_output.h"

#include "gtest/gtest.h"
#include "tests/client/output/replies.h"

namespace mrmllm {
namespace {

const Style kPlain(false);

TEST(TextOutputTest, ShowsBoxesInPixels) {
  EXPECT_EQ(DetectionsText("a.jpg", DogAndCup(), 41.4, kPlain),
            "a.jpg  640 x 480  2 objects  41 ms\n"
            "  #  OBJECT  SCORE  FINER NAME    X    Y    W    H\n"
            "  0  dog      0.91  beagle 80%  320  120  160  240\n"
            "  1  cup     0.20?               80  120  160  240\n");
}

TEST(TextOutputTest, ShowsNoTableWithoutObjects) {
  v1::ImageDetections image;
  image.mutable_image()->set_width(2);
  image.mutable_image()->set_height(1);
  EXPECT_EQ(DetectionsText("a.jpg", image, -1, kPlain), "a.jpg  2 x 1  0 objects\n");
}

TEST(TextOutputTest, TellsWhatTheAnswerRestsOn) {
  EXPECT_EQ(GroundingText(ADog(), kPlain), "rests on  dog: #0\n");
  EXPECT_EQ(GroundingText({}, kPlain), "");
}

TEST(TextOutputTest, TellsTokensAndTimes) {
  EXPECT_EQ(UsageText(ADog().usage(), ADog().timings(), kPlain),
            "3 tokens, 42 ms in all, 32 of 40 prompt tokens from the cache\n");
  EXPECT_EQ(UsageText({}, ADog().timings(), kPlain), "0 tokens, 42 ms in all\n");
}

TEST(TextOutputTest, SaysWhatIsMissingOnlyWhenSomethingIs) {
  EXPECT_EQ(DegradationText(v1::DEGRADATION_NONE, kPlain), "");
  EXPECT_EQ(DegradationText(v1::DEGRADATION_ANSWER_SKIPPED, kPlain),
            "no answer: the time was too short for more than the boxes\n");
}

TEST(TextOutputTest, KeepsControlCharactersOfAModelAwayFromTheTerminal) {
  v1::ImageDetections image = DogAndCup();
  image.mutable_detections(0)->set_label("\033[2Jdog");
  EXPECT_EQ(DetectionsText("a\033.jpg", image, -1, kPlain).find('\033'), std::string::npos);
}

}  // namespace
}  // namespace mrmllm
