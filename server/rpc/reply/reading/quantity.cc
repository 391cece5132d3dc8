// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/quantity.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace mrmllm {
namespace {

constexpr std::pair<std::string_view, int> kNumbers[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"dozen", 12},
    {"single", 1},
};

// Words that stand for a quantity without being a number, alone or before "of".
constexpr std::pair<std::string_view, Quantity> kVague[] = {
    {"several", {2, Quantity::kAny}},
    {"few", {2, Quantity::kAny}},
    {"many", {3, Quantity::kAny}},
    {"multiple", {2, Quantity::kAny}},
    {"numerous", {3, Quantity::kAny}},
    {"various", {2, Quantity::kAny}},
    {"both", {2, 2}},
};
constexpr std::pair<std::string_view, Quantity> kCollective[] = {
    {"couple", {2, 3}},
    {"group", {2, Quantity::kAny}},
    {"herd", {2, Quantity::kAny}},
    {"flock", {2, Quantity::kAny}},
    {"crowd", {2, Quantity::kAny}},
    {"dozens", {3, Quantity::kAny}},
    {"lots", {2, Quantity::kAny}},
};

template <typename Table>
std::optional<Quantity> Lookup(const Table& table, std::string_view word) {
  for (const auto& [name, quantity] : table) {
    if (name == word) return quantity;
  }
  return std::nullopt;
}

bool Together(const std::vector<AnswerWord>& words, size_t first, size_t last) {
  return words[first].segment == words[last].segment;
}

// "at least", "more than" and the like, the last word of which is words[last].
void Qualify(const std::vector<AnswerWord>& words, QuantityPhrase* phrase) {
  if (phrase->begin == 0) return;
  Quantity& quantity = phrase->quantity;
  const size_t one = phrase->begin - 1;
  const auto two = [&](std::string_view a, std::string_view b) {
    return one >= 1 && StandsAt(words, one - 1, {a, b});
  };
  if (!Together(words, one, phrase->begin)) return;
  if (one >= 2 && StandsAt(words, one - 2, {"no", "more", "than"})) {
    quantity.min = 0;
    phrase->begin -= 3;
  } else if (two("at", "least")) {
    quantity.max = Quantity::kAny;
    phrase->begin -= 2;
  } else if (two("more", "than")) {
    quantity = {quantity.max + 1, Quantity::kAny};
    phrase->begin -= 2;
  } else if (two("at", "most") || two("up", "to")) {
    quantity.min = 0;
    phrase->begin -= 2;
  } else if (two("fewer", "than") || two("less", "than")) {
    quantity = {0, std::max(quantity.min - 1, 0)};
    phrase->begin -= 2;
  } else if (words[one].is_one_of({"about", "around", "approximately", "roughly", "almost",
                                   "nearly", "over", "some"})) {
    quantity = {std::max(quantity.min - 1, 0), quantity.max + 1};
    phrase->begin -= 1;
  }
}

// Takes the lower bound of "two or three", "two to three", "2-3" in.
void TakeRange(const std::vector<AnswerWord>& words, QuantityPhrase* phrase) {
  const size_t at = phrase->begin;
  size_t lower = 0;
  if (at >= 1 && words[at].before == '-') {
    lower = at - 1;
  } else if (at >= 2 && words[at - 1].is_one_of({"or", "to", "and"}) &&
             Together(words, at - 2, at)) {
    // "two and three" is a range only after "between".
    if (words[at - 1].text == "and" && (at < 3 || words[at - 3].text != "between")) return;
    lower = at - 2;
  } else {
    return;
  }
  const std::optional<int> number = NumberOf(words[lower]);
  if (!number.has_value() || *number >= phrase->quantity.min) return;
  phrase->quantity.min = *number;
  phrase->begin = lower;
}

}  // namespace

std::optional<int> NumberOf(const AnswerWord& word) {
  if (!word.text.empty() && word.text.size() <= 3 &&
      std::ranges::all_of(word.text, [](char c) { return absl::ascii_isdigit(c); })) {
    int number = 0;
    return absl::SimpleAtoi(word.text, &number) ? std::optional<int>(number) : std::nullopt;
  }
  for (const auto& [name, number] : kNumbers) {
    if (name == word.text) return number;
  }
  return std::nullopt;
}

std::optional<QuantityPhrase> QuantityEndingAt(const std::vector<AnswerWord>& words, size_t last) {
  QuantityPhrase phrase{{}, last};
  if (const std::optional<int> number = NumberOf(words[last])) {
    phrase.quantity = {*number, *number};
    TakeRange(words, &phrase);
    Qualify(words, &phrase);
    return phrase;
  }
  if (const auto vague = Lookup(kVague, words[last].text)) {
    phrase.quantity = *vague;
    return phrase;
  }
  if (words[last].text == "of" && last >= 1 && Together(words, last - 1, last)) {
    if (const auto collective = Lookup(kCollective, words[last - 1].text)) {
      return QuantityPhrase{*collective, last - 1};
    }
  }
  return std::nullopt;
}

}  // namespace mrmllm
