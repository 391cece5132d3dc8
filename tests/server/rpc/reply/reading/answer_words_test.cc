// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/answer_words.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The words, a new segment marked by "|", a new sentence by "||".
std::string Segments(const std::string& text) {
  std::string out;
  const std::vector<AnswerWord> words = WordsOfAnswer(text);
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      out += words[i].sentence != words[i - 1].sentence ? " || "
             : words[i].segment != words[i - 1].segment ? " | "
                                                        : " ";
    }
    out += words[i].text;
  }
  return out;
}

TEST(WordsOfAnswerTest, SplitsSentencesAndTheirParts) {
  EXPECT_EQ(Segments("Yes, there is: a dog (brown). Where?  A cat!"),
            "yes | there is | a dog | brown || where || a cat");
  EXPECT_EQ(Segments("One - two\xE2\x80\x94three; four"), "one | two | three || four");
}

TEST(WordsOfAnswerTest, PointsInNumbersAndHyphensInWordsSplitNothing) {
  EXPECT_EQ(Segments("It is 3.5 m."), "it is 3.5 m");
  EXPECT_EQ(Segments("A well-known dog"), "a well known dog");
  EXPECT_EQ(WordsOfAnswer("2-3 dogs")[1].before, '-');
}

TEST(WordsOfAnswerTest, LinesOfAListAreSentences) {
  EXPECT_EQ(Segments("Seen:\n- a dog\n- a cat\n\nThe end of\nit"),
            "seen || a dog || a cat || the end of it");
}

TEST(WordsOfAnswerTest, ApostrophesSplitAndOtherCharactersDoNot) {
  EXPECT_EQ(Segments("isn't isn\xE2\x80\x99t caf\xC3\xA9s dog_1"),
            "isn t isn t caf\xC3\xA9s dog_1");
}

TEST(WordsOfAnswerTest, OffsetsAreBytes) {
  const std::vector<AnswerWord> words = WordsOfAnswer(
      "\xC3\x9C"
      "ber, Dog");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].end_byte, 5);
  EXPECT_EQ(words[1].start_byte, 7);
  EXPECT_EQ(words[1].text, "dog");
}

TEST(WordsOfAnswerTest, KnowsQuestions) {
  const std::vector<AnswerWord> words = WordsOfAnswer("Yes. A dog? No");
  EXPECT_FALSE(words[0].in_question);
  EXPECT_TRUE(words[1].in_question);
  EXPECT_TRUE(words[2].in_question);
  EXPECT_FALSE(words[3].in_question);
  EXPECT_TRUE(WordsOfAnswer("Is it?").back().in_question);
  EXPECT_THAT(WordsOfAnswer(" .?,"), IsEmpty());
}

TEST(WordsOfAnswerTest, AnyBytesGiveRisingSpans) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (uint32_t length = random() % 30; length > 0; --length) {
      constexpr std::string_view kBytes = "a9.,-:? \n_\xE2\x80\x93\x94\xC3\xF0";
      text += kBytes[random() % kBytes.size()];
    }
    int last = 0;
    for (const AnswerWord& word : WordsOfAnswer(text)) {
      EXPECT_LE(last, word.start_byte);
      EXPECT_LT(word.start_byte, word.end_byte);
      last = word.end_byte;
    }
    EXPECT_LE(last, static_cast<int>(text.size()));
  }
}

TEST(StandsAtTest, FindsAPhraseInOneSegment) {
  const std::vector<AnswerWord> words = WordsOfAnswer("left of, the dog");
  EXPECT_TRUE(StandsAt(words, 0, {"left", "of"}));
  EXPECT_FALSE(StandsAt(words, 1, {"of", "the"}));
  EXPECT_FALSE(StandsAt(words, 3, {"dog", "left"}));
}

}  // namespace
}  // namespace mrmllm
