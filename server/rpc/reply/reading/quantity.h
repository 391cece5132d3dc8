// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_QUANTITY_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_QUANTITY_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "server/rpc/reply/reading/answer_words.h"

namespace mrmllm {

// How many of something a phrase speaks of.
struct Quantity {
  static constexpr int kAny = std::numeric_limits<int>::max();
  int min = 1;
  int max = kAny;

  bool counts() const { return max != kAny || min > 1; }  // more is said than that there are some
  bool exact() const { return min == max; }
  bool operator==(const Quantity&) const = default;
};

// A quantity and the first of its words.
struct QuantityPhrase {
  Quantity quantity;
  size_t begin = 0;
};

// The number that a word says: "3", "three", "dozen"; nullopt: none. At most three digits.
std::optional<int> NumberOf(const AnswerWord& word);

// The quantity whose last word is `words[last]`: "three", "two or three", "2-3", "at least two",
// "no more than 3", "about five", "several", "a couple of", "a group of", "both". Nullopt: that
// word says none. Approximate ones leave one more and one less open.
std::optional<QuantityPhrase> QuantityEndingAt(const std::vector<AnswerWord>& words, size_t last);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_QUANTITY_H_
