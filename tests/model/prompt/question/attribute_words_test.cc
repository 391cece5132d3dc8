// SPDX-License-Identifier: Apache-2.0
#include "base/words/question_words.h"
#include "gtest/gtest.h"
#include "model/prompt/question/color_words.h"
#include "model/prompt/question/size_words.h"
#include "tests/model/prompt/question/questions.h"

namespace mrmllm {
namespace {

using Form = SizeQuestion::Form;

TEST(SizeWordsTest, TellsFormDirectionAndMeasure) {
  const auto size = [](const char* question) { return FindSizeQuestion(WordsOf(question)); };
  EXPECT_EQ(size("Which is smaller?")->form, Form::kComparative);
  EXPECT_FALSE(size("Which is smaller?")->larger);
  EXPECT_EQ(size("Which is smaller?")->opposite, "larger");
  EXPECT_EQ(size("the tallest object")->form, Form::kSuperlative);
  EXPECT_EQ(size("the tallest object")->measure, SizeQuestion::Measure::kHeight);
  EXPECT_EQ(size("How big is it?")->form, Form::kAmount);
  EXPECT_FALSE(size("Is there a big dog?").has_value());
}

std::string Color(const char* question, size_t mentions_left) {
  const std::vector<std::string> words = WordsOf(question);
  std::vector<ClassMention> mentions = SomeClassWords().MentionsIn(words);
  const std::string color = TakeColor(words, mentions);
  EXPECT_EQ(mentions.size(), mentions_left) << question;
  return color;
}

TEST(ColorWordsTest, FindsTheColorAsABasicTerm) {
  EXPECT_EQ(Color("Is the car grey?", 1), "gray");
  EXPECT_EQ(Color("a violet car", 1), "purple");
  EXPECT_EQ(Color("a car", 1), "");
  EXPECT_TRUE(AsksForColor(WordsOf("What colour is it?")));
}

TEST(ColorWordsTest, TellsTheColorOrangeFromTheFruit) {
  EXPECT_EQ(Color("Is there an orange car?", 1), "orange");
  EXPECT_EQ(Color("Is the car orange?", 1), "orange");
  EXPECT_EQ(Color("Is there an orange next to the apple?", 2), "");
  EXPECT_EQ(Color("How many oranges are there?", 1), "");
}

}  // namespace
}  // namespace mrmllm
