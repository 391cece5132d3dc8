// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/question_facts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class QuestionFactsTest : public testing::Test {
 protected:
  std::string Ask(std::string_view question) { return FactsOf(detections_, question); }
  std::vector<Detection> detections_ = {Sure("dog"), Sure("dog"), Unsure("cat"), Sure("chair")};
};

TEST_F(QuestionFactsTest, CountsSureObjects) {
  EXPECT_EQ(Ask("Tell me about the dogs."), "There are 2 dogs in the image.");
  EXPECT_EQ(Ask("How many chairs are there?"), "There is 1 chair in the image.");
}

TEST_F(QuestionFactsTest, HedgesWhereNothingIsSure) {
  EXPECT_EQ(Ask("Tell me about the cat."), "There may be a cat in the image.");
}

TEST_F(QuestionFactsTest, SaysWhatIsNotThere) {
  EXPECT_EQ(Ask("Tell me about the zebra."), "There is no zebra in the image.");
}

TEST_F(QuestionFactsTest, AddsUpAGroupAndNamesItsKinds) {
  detections_.push_back(Sure("cat"));
  EXPECT_EQ(Ask("What animals are in the image?"),
            "There are 3 animals in the image: 2 dogs and 1 cat.");
}

TEST_F(QuestionFactsTest, SpeaksOfEachImage) {
  const std::vector<Detection> second = {Sure("cat")};
  EXPECT_THAT(QuestionFacts(Understand("How many cats are there?"),
                            {GroupByClass(detections_), GroupByClass(second)}),
              ElementsAre("There may be a cat in image 1.", "There is 1 cat in image 2."));
}

TEST_F(QuestionFactsTest, SpeaksOfAtMostFourClasses) {
  EXPECT_THAT(QuestionFacts(Understand("Dogs, cats, people, cars, buses or chairs?"),
                            {GroupByClass(detections_)}),
              SizeIs(4));
}

TEST_F(QuestionFactsTest, AnswersAnExistenceQuestionWithYesOrNo) {
  EXPECT_EQ(Ask("Are there dogs, cats or zebras in the image?"),
            "Yes, there are 2 dogs in the image. Yes, there may be a cat in the image. No, there "
            "is no zebra in the image.");
}

TEST_F(QuestionFactsTest, SaysWhatCannotBeTold) {
  EXPECT_EQ(
      Ask("What are the dogs doing?"),
      "What the dogs are doing cannot be told from the image. There are 2 dogs in the image.");
  EXPECT_EQ(Ask("What is the person thinking?"), "There is no person in the image.");
  EXPECT_EQ(Ask("Is the chair moving?"),
            "Whether the chair is moving cannot be told from the image. There is 1 chair in the "
            "image.");
  EXPECT_EQ(Ask("What is the weather like?"), "The weather cannot be told from the image.");
}

TEST_F(QuestionFactsTest, SaysNothingToAGeneralQuestion) {
  EXPECT_EQ(Ask("What do dogs eat?"), "");
}

}  // namespace
}  // namespace mrmllm
