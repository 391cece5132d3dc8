// SPDX-License-Identifier: Apache-2.0
#include "model/text/pre_tokenizer.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

std::vector<std::string> Words(const PreTokenizer& pre_tokenizer, std::string_view text) {
  std::vector<std::string> words;
  pre_tokenizer.Split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(PreTokenizerTest, ByteLevelSplitsAsGpt2Does) {
  const auto byte_level = MakeByteLevelPreTokenizer(false, true);
  EXPECT_THAT(Words(*byte_level, "Hello  world's 12!?"),
              ElementsAre("Hello", " ", " world", "'s", " 12", "!?"));
}

TEST(PreTokenizerTest, ByteLevelAddsAPrefixSpaceOnce) {
  const auto byte_level = MakeByteLevelPreTokenizer(true, true);
  EXPECT_THAT(Words(*byte_level, "a b"), ElementsAre(" a", " b"));
  EXPECT_THAT(Words(*byte_level, " a"), ElementsAre(" a"));
}

TEST(PreTokenizerTest, ByteLevelWithoutRegexLeavesTheTextWhole) {
  EXPECT_THAT(Words(*MakeByteLevelPreTokenizer(false, false), "a b 1"), ElementsAre("a b 1"));
}

TEST(PreTokenizerTest, DigitsStandAloneOrInRuns) {
  EXPECT_THAT(Words(*MakeDigitsPreTokenizer(true), "a12\u00bd"),
              ElementsAre("a", "1", "2", "\u00bd"));
  EXPECT_THAT(Words(*MakeDigitsPreTokenizer(false), "a12\u00bd b"),
              ElementsAre("a", "12\u00bd", " b"));
}

TEST(PreTokenizerTest, PatternSplitsAtOrBetweenItsMatches) {
  const UnicodeRegex words = UnicodeRegex::Create("\\w+").value();
  EXPECT_THAT(Words(*MakePatternPreTokenizer(words, SplitBehavior::kRemoved, true), "a, b"),
              ElementsAre("a", "b"));
  EXPECT_THAT(Words(*MakePatternPreTokenizer(words, SplitBehavior::kRemoved, false), "a, b"),
              ElementsAre(", "));
}

TEST(PreTokenizerTest, SequenceSplitsTheWordsOfTheStageBefore) {
  std::vector<std::unique_ptr<const PreTokenizer>> stages;
  stages.push_back(MakeDigitsPreTokenizer(true));
  stages.push_back(MakeByteLevelPreTokenizer(false, true));
  EXPECT_THAT(Words(*MakeSequencePreTokenizer(std::move(stages)), "in 42 days"),
              ElementsAre("in", " ", "4", "2", " days"));
}

}  // namespace
}  // namespace mrmllm
