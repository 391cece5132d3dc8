// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/noun_phrase.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace mrmllm {
namespace {

constexpr size_t kMostAdjectives = 4;

// Words that stand between two phrases and belong to neither.
bool EndsPhrase(const AnswerWord& word) {
  return word.is_one_of(
      {"is",      "are",      "was",     "were",     "be",      "been",     "am",      "and",
       "or",      "nor",      "but",     "of",       "in",      "on",       "at",      "to",
       "from",    "with",     "without", "by",       "near",    "for",      "as",      "than",
       "there",   "here",     "has",     "have",     "had",     "can",      "could",   "may",
       "might",   "must",     "will",    "would",    "should",  "show",     "shows",   "see",
       "contain", "contains", "not",     "t",        "that",    "which",    "who",     "while",
       "also",    "yes",      "like",    "behind",   "beside",  "beneath",  "under",   "above",
       "below",   "over",     "between", "includes", "include", "features", "depicts", "next",
       "s",       "about",    "it",      "i",        "you",     "we",       "they",    "he",
       "she",     "if",       "because", "so",       "then",    "when",     "where"});
}

bool IsDefinite(const AnswerWord& word) {
  return word.is_one_of({"the",    "this",  "that", "these", "those", "his",    "her",     "its",
                         "their",  "my",    "your", "our",   "each",  "every",  "another", "first",
                         "second", "third", "last", "next",  "all",   "either", "neither", "any"});
}

// The word before the phrase gives it a number of some ("two of the dogs"), or is part of it.
void TakeOf(const std::vector<AnswerWord>& words, size_t limit, NounPhrase* phrase) {
  if (phrase->begin < limit + 2 || words[phrase->begin - 1].text != "of") return;
  const auto part = QuantityEndingAt(words, phrase->begin - 2);
  if (!part.has_value() || part->begin < limit) return;
  phrase->quantity = part->quantity;
  phrase->begin = part->begin;
}

void TakeColor(const AnswerWord& word, bool* mixed, NounPhrase* phrase) {
  const std::string term = BasicColorTerm(word.text);
  if (term.empty()) return;
  if (!phrase->color.empty() && phrase->color != term) *mixed = true;
  phrase->color = term;
}

}  // namespace

std::string BasicColorTerm(const std::string& word) {
  constexpr std::array<std::string_view, 11> kTerms = {"black",  "white",  "grey",  "red",
                                                       "orange", "yellow", "green", "blue",
                                                       "purple", "pink",   "brown"};
  if (word == "gray") return "grey";
  return std::ranges::find(kTerms, word) != kTerms.end() ? word : "";
}

NounPhrase ReadNounPhrase(const std::vector<AnswerWord>& words, size_t noun, size_t limit) {
  NounPhrase phrase{.begin = noun};
  bool mixed = false;
  for (size_t at = noun, taken = 0; at > limit && taken <= kMostAdjectives; ++taken) {
    --at;
    const AnswerWord& word = words[at];
    if (word.segment != words[noun].segment) break;
    if (word.text == "and" && at > limit && !BasicColorTerm(words[at - 1].text).empty() &&
        !phrase.color.empty()) {
      mixed = true;  // "a black and white cat"
      continue;
    }
    if (const auto amount = QuantityEndingAt(words, at); amount && amount->begin >= limit) {
      phrase.bare = false;
      phrase.quantity = amount->quantity;
      phrase.begin = amount->begin;
      // "the two dogs", "a few dogs"
      if (phrase.begin > limit && words[phrase.begin - 1].segment == word.segment) {
        const AnswerWord& before = words[phrase.begin - 1];
        if (IsDefinite(before)) phrase.definite = true;
        if (IsDefinite(before) || before.is_one_of({"a", "an", "only", "just"})) --phrase.begin;
      }
      break;
    }
    if (word.is_one_of({"a", "an", "some"}) || word.text == "no" || IsDefinite(word)) {
      phrase.bare = false;
      phrase.begin = at;
      phrase.negated = word.text == "no";
      phrase.definite |= IsDefinite(word) && word.text != "any";
      if (phrase.definite) TakeOf(words, limit, &phrase);
      break;
    }
    if (EndsPhrase(word)) break;
    if (word.text == "other") {  // "no other dogs", "the other dog"
      phrase.bare = false;
      phrase.definite = true;
    }
    TakeColor(word, &mixed, &phrase);
    phrase.begin = at;
  }
  if (mixed) phrase.color.clear();
  // Of a bare noun only its colors are known to belong to it.
  if (phrase.bare) {
    phrase.begin = noun;
    while (phrase.begin > limit && !BasicColorTerm(words[phrase.begin - 1].text).empty()) {
      --phrase.begin;
    }
    if (phrase.begin == noun) phrase.color.clear();
  }
  return phrase;
}

}  // namespace mrmllm
