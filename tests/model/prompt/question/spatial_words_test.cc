// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/spatial_words.h"

#include "base/words/question_words.h"
#include "gtest/gtest.h"
#include "tests/model/prompt/question/questions.h"

namespace mrmllm {
namespace {

std::optional<SpatialRelation> Relation(std::string_view question) {
  const std::vector<std::string> words = WordsOf(question);
  return FindRelation(words, SomeClassWords().MentionsIn(words));
}

TEST(SpatialWordsTest, FindsSubjectDirectionAndReference) {
  struct Case {
    const char* question;
    Direction direction;
  };
  for (const Case& c : {Case{"Is the dog to the left of the cat?", Direction::kLeftOf},
                        Case{"is a dog on the right hand side of the cat", Direction::kRightOf},
                        Case{"Can you see the dog above a cat?", Direction::kAbove},
                        Case{"Is the dog under that cat?", Direction::kBelow},
                        Case{"Is the dog close to the cat?", Direction::kNextTo},
                        Case{"To the left of the cat, is there a dog?", Direction::kLeftOf},
                        Case{"Is the dog further to the right than the cat?", Direction::kRightOf},
                        Case{"Is the dog closer to the top than the cat?", Direction::kAbove}}) {
    const std::optional<SpatialRelation> relation = Relation(c.question);
    ASSERT_TRUE(relation.has_value()) << c.question;
    EXPECT_EQ(relation->direction, c.direction) << c.question;
    ASSERT_TRUE(relation->subject.has_value()) << c.question;
    EXPECT_EQ(relation->subject->noun, "dog") << c.question;
    EXPECT_EQ(relation->reference.noun, "cat") << c.question;
  }
}

TEST(SpatialWordsTest, LeavesTheDirectionOpen) {
  for (const char* question :
       {"Where is the dog relative to the cat?", "On which side of the cat is the dog?",
        "Is the dog to the left or to the right of the cat?",
        "Which is higher, the dog or the cat?"}) {
    const std::optional<SpatialRelation> relation = Relation(question);
    ASSERT_TRUE(relation.has_value()) << question;
    EXPECT_FALSE(relation->direction.has_value()) << question;
  }
}

TEST(SpatialWordsTest, LeavesTheSubjectOpen) {
  const std::optional<SpatialRelation> relation = Relation("What is below the dining table?");
  ASSERT_TRUE(relation.has_value());
  EXPECT_FALSE(relation->subject.has_value());
  EXPECT_EQ(relation->reference.noun, "dining table");
}

TEST(SpatialWordsTest, NeedsAnotherObject) {
  for (const char* question :
       {"What is on the left of the image?", "Is the dog on the left?",
        "The dog is left of something", "Look over the dog and cats' food"}) {
    const std::optional<SpatialRelation> relation = Relation(question);
    EXPECT_TRUE(!relation.has_value() || relation->direction == Direction::kAbove) << question;
  }
  EXPECT_FALSE(Relation("What is on the left of the image?").has_value());
}

TEST(SpatialWordsTest, FindsRegions) {
  const auto region = [](const char* question) { return FindRegion(WordsOf(question)); };
  EXPECT_EQ(region("on the left"), (ImageRegion{std::nullopt, -1, "on the left"}));
  EXPECT_EQ(region("the upper right corner"), (ImageRegion{-1, 1, "in the top right"}));
  EXPECT_EQ(region("at the bottom"), (ImageRegion{1, std::nullopt, "at the bottom"}));
  EXPECT_EQ(region("in the middle"), (ImageRegion{0, 0, "in the center"}));
  EXPECT_FALSE(region("there is a dog, right?").has_value());
  EXPECT_FALSE(region("Is any food left?").has_value());
  EXPECT_FALSE(region("on the left or the right").has_value());
}

}  // namespace
}  // namespace mrmllm
