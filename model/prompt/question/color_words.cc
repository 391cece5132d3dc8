// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/color_words.h"

#include <algorithm>
#include <utility>

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

// The eleven basic color terms, and words that mean the same.
constexpr std::pair<std::string_view, std::string_view> kColors[] = {
    {"black", "black"},   {"white", "white"},   {"red", "red"},     {"green", "green"},
    {"yellow", "yellow"}, {"blue", "blue"},     {"brown", "brown"}, {"orange", "orange"},
    {"pink", "pink"},     {"purple", "purple"}, {"gray", "gray"},   {"grey", "gray"},
    {"violet", "purple"},
};

// "an orange car", "is the car orange"; not "an orange", "the orange is".
bool MeansTheColor(size_t at, const std::vector<std::string>& words,
                   const std::vector<ClassMention>& mentions) {
  const auto begins_next = [&](const ClassMention& other) { return other.begin == at + 1; };
  const auto ends_before = [&](const ClassMention& other) { return other.end == at; };
  return std::any_of(mentions.begin(), mentions.end(), begins_next) ||
         (at + 1 == words.size() && std::any_of(mentions.begin(), mentions.end(), ends_before));
}

}  // namespace

bool AsksForColor(const std::vector<std::string>& words) {
  return ContainsAny(words, {"color", "colour", "colors", "colours", "colored", "coloured"});
}

std::string_view BasicColorOf(std::string_view word) {
  for (const auto& [name, basic] : kColors) {
    if (word == name) return basic;
  }
  return "";
}

std::string TakeColor(const std::vector<std::string>& words, std::vector<ClassMention>& mentions) {
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view color = BasicColorOf(words[i]);
    if (color.empty()) continue;
    const auto fruit = std::find_if(
        mentions.begin(), mentions.end(),
        [&](const ClassMention& mention) { return mention.begin <= i && i < mention.end; });
    if (fruit == mentions.end()) return std::string(color);
    if (fruit->end != fruit->begin + 1 || !MeansTheColor(i, words, mentions)) continue;
    mentions.erase(fruit);
    return std::string(color);
  }
  return "";
}

}  // namespace mrmllm
