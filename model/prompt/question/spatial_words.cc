// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/spatial_words.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

struct DirectionPhrase {
  std::string_view words;
  std::optional<Direction> direction;
};

// Of two that stand at the same place the longer comes first.
constexpr DirectionPhrase kBeforeReference[] = {
    {"left of", Direction::kLeftOf},
    {"left side of", Direction::kLeftOf},
    {"left hand side of", Direction::kLeftOf},
    {"left from", Direction::kLeftOf},
    {"left than", Direction::kLeftOf},
    {"right of", Direction::kRightOf},
    {"right side of", Direction::kRightOf},
    {"right hand side of", Direction::kRightOf},
    {"right from", Direction::kRightOf},
    {"right than", Direction::kRightOf},
    {"above", Direction::kAbove},
    {"over", Direction::kAbove},
    {"higher than", Direction::kAbove},
    {"higher up than", Direction::kAbove},
    {"below", Direction::kBelow},
    {"under", Direction::kBelow},
    {"underneath", Direction::kBelow},
    {"beneath", Direction::kBelow},
    {"lower than", Direction::kBelow},
    {"lower down than", Direction::kBelow},
    {"next to", Direction::kNextTo},
    {"beside", Direction::kNextTo},
    {"near", Direction::kNextTo},
    {"close to", Direction::kNextTo},
    {"adjacent to", Direction::kNextTo},
    {"alongside", Direction::kNextTo},
    {"side of", std::nullopt},
    {"relative to", std::nullopt},
    {"in relation to", std::nullopt},
    {"compared to", std::nullopt},
    {"compared with", std::nullopt},
    {"with respect to", std::nullopt},
};

// Between the phrase and its reference only such words may stand.
bool IsDeterminer(std::string_view word) {
  constexpr std::string_view kDeterminers[] = {"the", "a", "an", "any", "that", "this", "some"};
  return std::find(std::begin(kDeterminers), std::end(kDeterminers), word) !=
         std::end(kDeterminers);
}

const ClassMention* MentionFrom(absl::Span<const ClassMention> mentions,
                                const std::vector<std::string>& words, size_t begin) {
  while (begin < words.size() && IsDeterminer(words[begin])) ++begin;
  const auto found =
      std::find_if(mentions.begin(), mentions.end(),
                   [&](const ClassMention& mention) { return mention.begin == begin; });
  return found == mentions.end() ? nullptr : &*found;
}

const ClassMention* SubjectOf(absl::Span<const ClassMention> mentions,
                              const ClassMention& reference, size_t phrase) {
  const ClassMention* subject = nullptr;
  for (const ClassMention& mention : mentions) {
    if (mention.meaning.noun == reference.meaning.noun) continue;
    if (mention.end <= phrase || subject == nullptr) subject = &mention;
  }
  return subject;
}

// "Which is further left, the dog or the cat?", "Is the dog closer to the top than the cat?"
std::optional<SpatialRelation> FindComparison(const std::vector<std::string>& words,
                                              absl::Span<const ClassMention> mentions) {
  if (mentions.size() < 2 || mentions[0].meaning.noun == mentions[1].meaning.noun) {
    return std::nullopt;
  }
  std::optional<Direction> direction;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "higher") direction = Direction::kAbove;
    if (words[i] == "lower") direction = Direction::kBelow;
    if (words[i] != "further" && words[i] != "farther" && words[i] != "more" &&
        words[i] != "closer" && words[i] != "nearer") {
      continue;
    }
    for (size_t j = i + 1; j < std::min(i + 4, words.size()); ++j) {
      if (words[j] == "left") direction = Direction::kLeftOf;
      if (words[j] == "right") direction = Direction::kRightOf;
      if (words[j] == "top" || words[j] == "up") direction = Direction::kAbove;
      if (words[j] == "bottom" || words[j] == "down") direction = Direction::kBelow;
    }
  }
  if (!direction.has_value()) return std::nullopt;
  SpatialRelation relation{direction, mentions[0].meaning, mentions[1].meaning};
  if (Contains(words, "or")) relation.direction = std::nullopt;
  return relation;
}

}  // namespace

bool OffersSides(const std::vector<std::string>& words) {
  if (!Contains(words, "or")) return false;
  return (Contains(words, "left") && Contains(words, "right")) ||
         (ContainsAny(words, {"above", "over", "higher", "top", "upper"}) &&
          ContainsAny(words, {"below", "under", "underneath", "beneath", "lower", "bottom"}));
}

std::optional<SpatialRelation> FindRelation(const std::vector<std::string>& words,
                                            absl::Span<const ClassMention> mentions) {
  for (const DirectionPhrase& phrase : kBeforeReference) {
    const size_t at = FindPhrase(words, phrase.words);
    if (at == kNoPhrase) continue;
    const size_t length = 1 + std::count(phrase.words.begin(), phrase.words.end(), ' ');
    const ClassMention* reference = MentionFrom(mentions, words, at + length);
    if (reference == nullptr) continue;
    const ClassMention* subject = SubjectOf(mentions, *reference, at);
    SpatialRelation relation{phrase.direction, std::nullopt, reference->meaning};
    if (subject != nullptr) relation.subject = subject->meaning;
    if (OffersSides(words)) relation.direction = std::nullopt;
    // Without a subject and a direction nothing is asked.
    if (relation.subject.has_value() || relation.direction.has_value()) return relation;
  }
  return FindComparison(words, mentions);
}

std::optional<ImageRegion> FindRegion(const std::vector<std::string>& words) {
  ImageRegion region;
  bool middle = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& before = i == 0 ? words[i] : words[i - 1];
    const std::string after = i + 1 < words.size() ? words[i + 1] : "";
    // "right" is also an answer, and "left" what remains.
    const bool of_place = before == "the" || before == "upper" || before == "lower" ||
                          before == "top" || before == "bottom" || before == "far" ||
                          before == "to" || after == "side" || after == "half" || after == "part" ||
                          after == "corner" || after == "hand";
    if (words[i] == "left" && of_place) region.column = -1;
    if (words[i] == "right" && of_place) region.column = 1;
    if (words[i] == "upper" || (words[i] == "top" && of_place)) region.row = -1;
    if ((words[i] == "lower" || words[i] == "bottom") && of_place) region.row = 1;
    if (words[i] == "middle" || words[i] == "center" || words[i] == "centre") middle = true;
  }
  if (Contains(words, "left") && Contains(words, "right")) return std::nullopt;
  if (!region.row.has_value() && !region.column.has_value()) {
    if (!middle) return std::nullopt;
    return ImageRegion{0, 0, "in the center"};
  }
  const std::string row = !region.row.has_value() ? "" : *region.row < 0 ? "top" : "bottom";
  const std::string column = !region.column.has_value() ? ""
                             : *region.column < 0       ? "left"
                                                        : "right";
  if (row.empty()) {
    region.phrase = "on the " + column;
  } else if (column.empty()) {
    region.phrase = "at the " + row;
  } else {
    region.phrase = absl::StrCat("in the ", row, " ", column);
  }
  return region;
}

}  // namespace mrmllm
