// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/quantity.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr int kAny = Quantity::kAny;

TEST(QuantityEndingAtTest, ReadsNumbersAndWhatStandsBeforeThem) {
  const struct {
    const char* text;
    Quantity quantity;
    size_t begin;
  } kTable[] = {
      {"3", {3, 3}, 0},
      {"Three", {3, 3}, 0},
      {"a single", {1, 1}, 1},
      {"twenty", {20, 20}, 0},
      {"two or three", {2, 3}, 0},
      {"two to four", {2, 4}, 0},
      {"2-3", {2, 3}, 0},
      {"between two and three", {2, 3}, 1},
      {"two and three", {3, 3}, 2},
      {"there are at least 2", {2, kAny}, 2},
      {"more than two", {3, kAny}, 0},
      {"no more than 3", {0, 3}, 0},
      {"at most three", {0, 3}, 0},
      {"up to five", {0, 5}, 0},
      {"fewer than three", {0, 2}, 0},
      {"about five", {4, 6}, 0},
      {"several", {2, kAny}, 0},
      {"a few", {2, kAny}, 1},
      {"a couple of", {2, 3}, 1},
      {"a group of", {2, kAny}, 1},
      {"both", {2, 2}, 0},
  };
  for (const auto& row : kTable) {
    const std::vector<AnswerWord> words = WordsOfAnswer(row.text);
    const auto phrase = QuantityEndingAt(words, words.size() - 1);
    ASSERT_TRUE(phrase.has_value()) << row.text;
    EXPECT_EQ(phrase->quantity, row.quantity) << row.text;
    EXPECT_EQ(phrase->begin, row.begin) << row.text;
  }
}

TEST(QuantityEndingAtTest, OtherWordsSayNone) {
  for (const char* text : {"dogs", "a", "pieces of", "1234", "3.5", "x2", "of"}) {
    const std::vector<AnswerWord> words = WordsOfAnswer(text);
    EXPECT_FALSE(QuantityEndingAt(words, words.size() - 1).has_value()) << text;
  }
}

TEST(QuantityEndingAtTest, StaysInItsSegment) {
  const std::vector<AnswerWord> words = WordsOfAnswer("at least, 2");
  EXPECT_EQ(QuantityEndingAt(words, 2)->quantity, (Quantity{2, 2}));
}

}  // namespace
}  // namespace mrmllm
