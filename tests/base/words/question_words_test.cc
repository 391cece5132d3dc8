// SPDX-License-Identifier: Apache-2.0
#include "base/words/question_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(QuestionWordsTest, SplitsAtEverythingButLettersAndDigits) {
  EXPECT_THAT(WordsOf("The man's 2 dogs?"), ElementsAre("the", "man", "s", "2", "dogs"));
  EXPECT_THAT(WordsOf("\xFF ?!"), IsEmpty());
}

TEST(QuestionWordsTest, FindsPhrasesByWholeWords) {
  const std::vector<std::string> words = WordsOf("to the left of the cat");
  EXPECT_EQ(FindPhrase(words, "left of"), 2u);
  EXPECT_EQ(FindPhrase(words, "cat"), 5u);
  EXPECT_EQ(FindPhrase(words, "eft of"), kNoPhrase);
  EXPECT_EQ(FindPhrase(words, "cat of"), kNoPhrase);
}

TEST(QuestionWordsTest, KnowsWordsForTheImage) {
  EXPECT_TRUE(ContainsImageWord(WordsOf("in this photo")));
  EXPECT_FALSE(ContainsImageWord(WordsOf("in this photography class")));
}

}  // namespace
}  // namespace mrmllm
