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

TEST(TextOutputTest, ShowsColorsAndWhatASecondLookFound) {
  EXPECT_EQ(DetectionsText("a.jpg", LookedAgain(), -1, kPlain),
            "a.jpg  640 x 480  2 objects  looked again at 2 parts: 1 object added, 2 changed\n"
            "  #  OBJECT  SCORE  COLOR  FINER NAME  LOOK    X    Y    W    H\n"
            "  0  dog      0.91  brown  beagle 80%        320  120  160  240\n"
            "  1  cup     0.20?                     2nd    80  120  160  240\n");
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

TEST(TextOutputTest, TellsWhatTheBoxesDisagreeWith) {
  EXPECT_EQ(ConflictsText(ADog(), kPlain), "");
  v1::PerceiveAndAnswerResponse response = ThreeDogs();
  EXPECT_EQ(ConflictsText(response, kPlain),
            "the boxes disagree  three dogs: 1 found #0; a horse: none found\n");
  response.mutable_agreement()->mutable_conflicts(0)->set_kind(v1::CONFLICT_KIND_PLACE);
  response.mutable_agreement()->mutable_conflicts(1)->set_kind(v1::CONFLICT_KIND_COLOR);
  *response.add_images() = DogAndCup();
  EXPECT_EQ(ConflictsText(response, kPlain),
            "the boxes disagree  three dogs: not there #0 of image 0; "
            "a horse: of another color of image 0\n");
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
