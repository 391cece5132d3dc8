// SPDX-License-Identifier: Apache-2.0
#include "base/words/class_nouns.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kIrregular = {{
    {"person", "people"},
    {"man", "men"},
    {"woman", "women"},
    {"child", "children"},
    {"mouse", "mice"},
    {"knife", "knives"},
    {"calf", "calves"},
    {"sheep", "sheep"},
    {"skis", "skis"},
    {"scissors", "scissors"},
    {"broccoli", "broccoli"},
    {"aircraft", "aircraft"},
    {"food", "food"},
    {"furniture", "furniture"},
    {"luggage", "luggage"},
    {"cutlery", "cutlery"},
    {"fruit", "fruit"},
    {"policeman", "policemen"},
    {"silverware", "silverware"},
}};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string RegularPlural(const std::string& word) {
  for (const std::string_view sibilant : {"s", "x", "z", "ch", "sh"}) {
    if (EndsWith(word, sibilant)) return word + "es";
  }
  constexpr std::string_view kVowels = "aeiou";
  if (word.size() > 1 && word.back() == 'y' &&
      kVowels.find(word[word.size() - 2]) == std::string_view::npos) {
    return word.substr(0, word.size() - 1) + "ies";
  }
  return word + "s";
}

}  // namespace

std::string PluralOf(const std::string& noun) {
  const size_t last_space = noun.rfind(' ');
  const size_t begin = last_space == std::string::npos ? 0 : last_space + 1;
  const std::string last = noun.substr(begin);
  for (const auto& [singular, plural] : kIrregular) {
    if (last == singular) return noun.substr(0, begin) + std::string(plural);
  }
  return last.empty() ? noun : noun.substr(0, begin) + RegularPlural(last);
}

std::string CountedNoun(int count, const std::string& noun) {
  return absl::StrCat(count, " ", count == 1 ? noun : PluralOf(noun));
}

std::string WithArticle(const std::string& noun) {
  constexpr std::string_view kVowels = "aeiouAEIOU";
  const bool vowel = !noun.empty() && kVowels.find(noun[0]) != std::string_view::npos;
  return absl::StrCat(vowel ? "an " : "a ", noun);
}

std::string JoinedList(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

}  // namespace mrmllm
