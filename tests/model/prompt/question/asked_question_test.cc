// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/asked_question.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/question/questions.h"

namespace mrmllm {
namespace {

void ExpectKind(QuestionKind kind, const std::vector<const char*>& questions) {
  for (const char* question : questions) {
    EXPECT_EQ(Understand(question).kind, kind) << question;
  }
}

TEST(AskedQuestionTest, KnowsRelations) {
  ExpectKind(QuestionKind::kRelation,
             {"Is the dog to the left of the cat?", "What is above the table?",
              "Where is the dog relative to the cat?", "Which is further left, the dog or the cat?",
              "How many people are to the right of the car?", "is a dog left of a cat"});
}

TEST(AskedQuestionTest, KnowsRegions) {
  ExpectKind(QuestionKind::kRegion,
             {"Is the dog on the left?", "What is at the top of the image?",
              "How many dogs are on the right side?", "Is there a cat in the upper left corner?"});
  ExpectKind(QuestionKind::kPlace, {"Where is the dog, on the left or on the right?",
                                    "Is the dog on the left or on the right of the image?",
                                    "Is the dog at the top or at the bottom?"});
}

TEST(AskedQuestionTest, KnowsSizes) {
  ExpectKind(QuestionKind::kSize,
             {"Which is bigger, the dog or the cat?", "Is the dog smaller than the cat?",
              "What is the largest object in the picture?", "How big is the dog?",
              "Which of the dogs is the biggest?"});
}

TEST(AskedQuestionTest, KnowsColors) {
  ExpectKind(QuestionKind::kColor, {"What color is the car?", "Is the car red?",
                                    "which colour does the dog have", "Is the car orange?"});
  EXPECT_EQ(Understand("Is there a grey dog?").kind, QuestionKind::kExistence);
  EXPECT_EQ(Understand("Is there a grey dog?").color, "gray");
  EXPECT_EQ(Understand("How many red cars are there?").kind, QuestionKind::kCount);
}

TEST(AskedQuestionTest, KnowsWhatBoxesDoNotTell) {
  ExpectKind(QuestionKind::kUntellable,
             {"What is the man thinking?", "What is the dog doing?", "Is the woman happy?",
              "Why is the dog there?", "What is the name of the man?", "What time is it?",
              "What is happening?", "Where was this photo taken?", "What does the sign say?",
              "Is the man riding a horse?", "How old is the girl?", "Who is in the picture?",
              "What color is the wall?"});
}

TEST(AskedQuestionTest, KnowsQuestionsThatNeedNoImage) {
  ExpectKind(QuestionKind::kGeneral,
             {"What is the capital of France?", "What is 7 plus 5?", "Who wrote Hamlet?",
              "How many days are there in a week?", "What do dogs eat?", "Is a dog a mammal?",
              "Can cats swim?", "What color is an apple?", "Hello!", "What color is the sky?",
              "Write a poem about a dog.", "What is the largest planet?",
              "Translate 'dog' into Spanish.", "What is the plural of apple?"});
}

TEST(AskedQuestionTest, TakesWhatPointsAtTheImageAsAskedOfIt) {
  ExpectKind(QuestionKind::kOther, {"What is this?", "What do you see?", "Describe the image.",
                                    "What is it?", "Is the dog wet?", "Tell me about the dog."});
  ExpectKind(QuestionKind::kExistence, {"Is there a unicorn?", "Is a dog visible?", "Any dogs?"});
  ExpectKind(QuestionKind::kCount, {"How many dogs?", "How many dogs are there?"});
  ExpectKind(QuestionKind::kListing, {"What animals are in the picture?"});
}

TEST(AskedQuestionTest, KnowsWhatWantsAYesOrANo) {
  for (const char* question : {"Is the dog left of the cat?", "Please tell me if the car is red.",
                               "hey, are the dogs bigger than the cat"}) {
    EXPECT_TRUE(Understand(question).yes_no) << question;
  }
  for (const char* question : {"What is left of the cat?", "Describe the dog.",
                               "Can you tell me which is bigger, the dog or the cat?"}) {
    EXPECT_FALSE(Understand(question).yes_no) << question;
  }
}

TEST(AskedQuestionTest, SpeaksOfEachNounOnce) {
  const AskedQuestion question = Understand("A dog, a cat and dogs?");
  ASSERT_EQ(question.asked.size(), 2u);
  EXPECT_EQ(question.asked[0].noun, "dog");
  EXPECT_EQ(question.asked[1].noun, "cat");
}

}  // namespace
}  // namespace mrmllm
