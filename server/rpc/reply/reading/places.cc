// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/places.h"

#include <cmath>

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

constexpr float kMiddle = 0.5f;
constexpr float kMargin = 0.25f;  // of the image's side: nothing with its center there is central

// What a phrase that started with a preposition has told so far.
struct Reading {
  Place place;
  bool middle = false;

  bool any() const { return middle || place.column.has_value() || place.row.has_value(); }
};

bool TakeDirection(const AnswerWord& word, Reading* reading) {
  if (word.is_one_of({"left", "leftmost"})) {
    reading->place.column = -1;
  } else if (word.is_one_of({"right", "rightmost"})) {
    reading->place.column = 1;
  } else if (word.is_one_of({"top", "upper"})) {
    reading->place.row = -1;
  } else if (word.is_one_of({"bottom", "lower"})) {
    reading->place.row = 1;
  } else if (word.is_one_of({"middle", "center", "centre", "central"})) {
    reading->middle = true;
  } else {
    return false;
  }
  return true;
}

bool IsPart(const AnswerWord& word) {
  return word.is_one_of(
      {"side", "corner", "edge", "part", "half", "portion", "third", "area", "section", "region"});
}

// Words after a place that show that it has ended: anything else may be a thing that has a left.
bool MayFollow(const AnswerWord& word) {
  return word.is_one_of({"and",  "or",   "with",  "is",      "are",      "in",    "of",    "while",
                         "near", "next", "there", "sitting", "standing", "lying", "has",   "you",
                         "I",    "but",  "we",    "behind",  "on",       "at",    "facing"});
}

bool Denied(const std::vector<AnswerWord>& words, size_t begin) {
  return begin > 0 && words[begin - 1].segment == words[begin].segment &&
         words[begin - 1].is_one_of({"not", "t", "neither", "nor"});
}

// After "of": the image itself, an article and a thing, or the thing alone.
bool OfImage(const std::vector<AnswerWord>& words, size_t at) {
  for (size_t i = at; i < words.size() && i < at + 3; ++i) {
    if (words[i].segment != words[at].segment) return false;
    if (IsImageWord(words[i].text) || words[i].text == "it") return true;
  }
  return false;
}

// The place whose preposition is words[at].
std::optional<PlacePhrase> PlaceAt(const std::vector<AnswerWord>& words, size_t at) {
  if (!words[at].is_one_of({"on", "in", "at", "to", "toward", "towards", "near", "from"})) {
    return std::nullopt;
  }
  const int segment = words[at].segment;
  const auto is_here = [&](size_t i) { return i < words.size() && words[i].segment == segment; };
  size_t end = at + 1;
  while (is_here(end) && words[end].is_one_of({"the", "its", "far", "very"})) ++end;
  Reading reading;
  size_t last = end;
  while (is_here(end) && TakeDirection(words[end], &reading)) last = end++;
  if (!reading.any()) return std::nullopt;
  const bool hand_side = is_here(end + 1) && words[end].text == "hand" && IsPart(words[end + 1]);
  if (hand_side) ++end;
  const bool part = is_here(end) && IsPart(words[end]);
  if (part) ++end;
  if (is_here(end) && !MayFollow(words[end])) return std::nullopt;
  PlacePhrase phrase{reading.place, false, at, end};
  if (reading.middle) {
    if (!phrase.place.column.has_value()) phrase.place.column = 0;
    if (!phrase.place.row.has_value()) phrase.place.row = 0;
  }
  const bool of = is_here(end) && words[end].text == "of";
  // "looks to the left"
  if (!of && words[at].is_one_of({"to", "toward", "towards", "from"})) return std::nullopt;
  if (of && !OfImage(words, end + 1)) {
    // "to the left of the dog", but "on the left side of the couch" and "on top of the table"
    const bool relation = !part && !reading.middle && words[last].is_one_of({"left", "right"});
    if (!relation) return std::nullopt;
    phrase.to_another = true;
    phrase.end = end + 1;
  }
  return phrase;
}

std::optional<PlacePhrase> RelationAt(const std::vector<AnswerWord>& words, size_t at) {
  if (words[at].text == "above") return PlacePhrase{{.row = -1}, true, at, at + 1};
  if (words[at].text == "below") return PlacePhrase{{.row = 1}, true, at, at + 1};
  if (StandsAt(words, at, {"left", "of"})) return PlacePhrase{{.column = -1}, true, at, at + 2};
  if (StandsAt(words, at, {"right", "of"})) return PlacePhrase{{.column = 1}, true, at, at + 2};
  return std::nullopt;
}

bool Fits(float center, std::optional<int> step) {
  if (!step.has_value()) return true;
  if (*step == 0) return center >= kMargin && center <= 1 - kMargin;
  return *step < 0 ? center < kMiddle : center > kMiddle;
}

float CenterX(const NormalizedBox& box) { return (box.x_min + box.x_max) / 2; }
float CenterY(const NormalizedBox& box) { return (box.y_min + box.y_max) / 2; }

}  // namespace

std::vector<PlacePhrase> FindPlaces(const std::vector<AnswerWord>& words) {
  std::vector<PlacePhrase> places;
  for (size_t at = 0; at < words.size();) {
    std::optional<PlacePhrase> place = PlaceAt(words, at);
    if (!place.has_value()) place = RelationAt(words, at);
    if (!place.has_value()) {
      ++at;
      continue;
    }
    if (!Denied(words, at)) places.push_back(*place);
    at = place->end;
  }
  return places;
}

bool LiesAt(const NormalizedBox& box, const Place& place) {
  return Fits(CenterX(box), place.column) && Fits(CenterY(box), place.row);
}

bool LiesTo(const NormalizedBox& box, const Place& direction, const NormalizedBox& other) {
  const auto fits = [](float from, float to, std::optional<int> step) {
    return !step.has_value() || (*step < 0 ? to < from : to > from);
  };
  return fits(CenterX(other), CenterX(box), direction.column) &&
         fits(CenterY(other), CenterY(box), direction.row);
}

}  // namespace mrmllm
