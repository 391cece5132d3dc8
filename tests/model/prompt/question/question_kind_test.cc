// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/question_kind.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(QuestionKindTest, TellsExistenceFromCountsAndTheRest) {
  for (const char* question :
       {"Is there a dog?", "Look closely. Are there any cars? Answer yes or no.",
        "do you see a cat", "Does the image show a boat?", "Is a bus visible?",
        "Does the picture have a dog?", "any dogs", "Tell me whether there is a dog",
        "Is the dog in the picture?"}) {
    EXPECT_EQ(FormOf(question), QuestionKind::kExistence) << question;
  }
  for (const char* question :
       {"How many dogs are there?", "Are there dogs, and how many?", "Count the cars."}) {
    EXPECT_EQ(FormOf(question), QuestionKind::kCount) << question;
  }
  for (const char* question : {"Is the dog black?", "What is there?", "", "Describe the dog.",
                               "Does the dog have a collar?"}) {
    EXPECT_EQ(FormOf(question), QuestionKind::kOther) << question;
  }
}

TEST(QuestionKindTest, KnowsQuestionsForPlacesAndFinerNames) {
  EXPECT_EQ(FormOf("Where are the cups?"), QuestionKind::kPlace);
  EXPECT_EQ(FormOf("Tell me where the cups are."), QuestionKind::kPlace);
  EXPECT_EQ(FormOf("On which side are the cups?"), QuestionKind::kPlace);
  EXPECT_EQ(FormOf("What breed is the dog?"), QuestionKind::kFinerName);
  EXPECT_EQ(FormOf("Which kind of bird do you see?"), QuestionKind::kFinerName);
}

}  // namespace
}  // namespace mrmllm
