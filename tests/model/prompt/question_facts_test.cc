// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question_facts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/prompt/detections.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const ClassMeaning kDog{"dog", {"dog"}, false};
const ClassMeaning kCat{"cat", {"cat"}, false};
const ClassMeaning kAnimal{"animal", {"cat", "dog"}, true};

class QuestionFactsTest : public testing::Test {
 protected:
  std::vector<std::string> Facts(const std::vector<ClassMeaning>& asked,
                                 QuestionKind kind = QuestionKind::kOther) {
    return QuestionFacts(asked, kind, {GroupByClass(detections_)});
  }
  std::vector<Detection> detections_ = {Sure("dog"), Sure("dog"), Unsure("cat"), Sure("chair")};
};

TEST_F(QuestionFactsTest, CountsSureObjects) {
  EXPECT_THAT(Facts({kDog}), ElementsAre("There are 2 dogs in the image."));
  EXPECT_THAT(Facts({{"seat", {"chair"}, false}}), ElementsAre("There is 1 seat in the image."));
}

TEST_F(QuestionFactsTest, HedgesWhereNothingIsSure) {
  EXPECT_THAT(Facts({kCat}), ElementsAre("There may be a cat in the image."));
}

TEST_F(QuestionFactsTest, SaysWhatIsNotThere) {
  EXPECT_THAT(Facts({{"elephant", {"elephant"}, false}}),
              ElementsAre("There is no elephant in the image."));
}

TEST_F(QuestionFactsTest, AddsUpAGroupAndNamesItsKinds) {
  detections_.push_back(Sure("cat"));
  EXPECT_THAT(Facts({kAnimal}), ElementsAre("There are 3 animals in the image: 2 dogs and 1 cat."));
}

TEST_F(QuestionFactsTest, TellsThePlaceOfWhatIsSure) {
  detections_[3].box = {0, 0, 0.1f, 0.1f};
  EXPECT_THAT(Facts({{"chair", {"chair"}, false}, kDog, kCat}, QuestionKind::kPlace),
              ElementsAre("The chair is in the top left of the image.",
                          "There are 2 dogs in the image: in the center and in the center.",
                          "There may be a cat in the image."));
}

TEST_F(QuestionFactsTest, TellsTheFinerNameWhereThereIsOne) {
  detections_[1].finer_label = "Afghan hound";
  EXPECT_THAT(Facts({kDog, {"chair", {"chair"}, false}}, QuestionKind::kFinerName),
              ElementsAre("The dog is an Afghan hound.", "There is 1 chair in the image."));
}

TEST_F(QuestionFactsTest, KnowsQuestionsForPlacesAndFinerNames) {
  EXPECT_EQ(KindOf("Where are the cups?"), QuestionKind::kPlace);
  EXPECT_EQ(KindOf("What breed is the dog?"), QuestionKind::kFinerName);
  EXPECT_EQ(KindOf("Which kind of bird do you see?"), QuestionKind::kFinerName);
}

TEST_F(QuestionFactsTest, SpeaksOfEachImage) {
  const std::vector<Detection> second = {Sure("cat")};
  EXPECT_THAT(QuestionFacts({kCat}, QuestionKind::kCount,
                            {GroupByClass(detections_), GroupByClass(second)}),
              ElementsAre("There may be a cat in image 1.", "There is 1 cat in image 2."));
}

TEST_F(QuestionFactsTest, SpeaksOfAtMostFourClasses) {
  EXPECT_THAT(Facts({kDog, kCat, kDog, kCat, kDog, kCat}), SizeIs(4));
}

TEST_F(QuestionFactsTest, AnswersAnExistenceQuestionWithYesOrNo) {
  EXPECT_THAT(
      Facts({kDog, kCat, {"zebra", {"zebra"}, false}}, QuestionKind::kExistence),
      ElementsAre("Yes, there are 2 dogs in the image.", "Yes, there may be a cat in the image.",
                  "No, there is no zebra in the image."));
}

TEST(QuestionKindTest, TellsExistenceFromCountsAndTheRest) {
  for (const char* question :
       {"Is there a dog?", "Look closely. Are there any cars? Answer yes or no.",
        "do you see a cat", "Does the image show a boat?", "Is a bus visible?"}) {
    EXPECT_EQ(KindOf(question), QuestionKind::kExistence) << question;
  }
  for (const char* question :
       {"How many dogs are there?", "Are there dogs, and how many?", "Count the cars."}) {
    EXPECT_EQ(KindOf(question), QuestionKind::kCount) << question;
  }
  for (const char* question : {"Is the dog black?", "What is there?", "", "Describe the dog."}) {
    EXPECT_EQ(KindOf(question), QuestionKind::kOther) << question;
  }
}

}  // namespace
}  // namespace mrmllm
