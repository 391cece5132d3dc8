// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/answer_wording.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(AnswerWordingTest, SpeaksOfOneThingWithAnArticle) {
  EXPECT_EQ(WordAnswer({"Yes, there is 1 apple in the image."}, Verdict::kAny),
            "Yes, there is an apple in the image.");
  EXPECT_EQ(WordAnswer({"There is 1 apple in the image."}, Verdict::kNone),
            "There is 1 apple in the image.");
  EXPECT_EQ(WordAnswer({"Yes, there is 1 animal in the image: 1 dog."}, Verdict::kAny),
            "Yes, there is an animal in the image: a dog.");
}

TEST(AnswerWordingTest, Hedges) {
  EXPECT_EQ(WordAnswer({"Yes, there may be a cat in the image."}, Verdict::kAny),
            "Yes, there may be a cat in the image, but I am not sure.");
  EXPECT_EQ(WordAnswer({"There may be a cat in the image."}, Verdict::kNone),
            "There may be a cat in the image, but I am not sure.");
}

TEST(AnswerWordingTest, SaysWhatItCannotTell) {
  EXPECT_EQ(WordAnswer({"What the dog is doing cannot be told from the image.",
                        "There is 1 dog in the image."},
                       Verdict::kNone),
            "I cannot tell what the dog is doing from the image.");
  EXPECT_EQ(WordAnswer({"The color of the car cannot be told."}, Verdict::kAny),
            "I cannot tell the color of the car.");
  EXPECT_EQ(CannotTell("the age"), "I cannot tell the age from the image.");
}

TEST(AnswerWordingTest, JoinsFactsUnderOneVerdict) {
  const std::vector<std::string> facts = {"Yes, there are 2 dogs in the image.",
                                          "No, there is no cat in the image."};
  EXPECT_EQ(WordAnswer(facts, Verdict::kAny),
            "Yes, there are 2 dogs in the image, but there is no cat in the image.");
  EXPECT_EQ(WordAnswer(facts, Verdict::kAll),
            "No, there are 2 dogs in the image, but there is no cat in the image.");
  EXPECT_EQ(
      WordAnswer({"There are 2 dogs in image 1.", "There are 3 dogs in image 2."}, Verdict::kNone),
      "There are 2 dogs in image 1, and there are 3 dogs in image 2.");
}

}  // namespace
}  // namespace mrmllm
