// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/grounding.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

// Which detections bear a name: image index -> positions in its detections.
using Bearers = std::map<int, std::vector<int>>;

constexpr std::pair<std::string_view, std::string_view> kIrregularPlurals[] = {
    {"person", "people"}, {"man", "men"},       {"woman", "women"},       {"child", "children"},
    {"mouse", "mice"},    {"goose", "geese"},   {"ox", "oxen"},           {"foot", "feet"},
    {"tooth", "teeth"},   {"sheep", "sheep"},   {"fish", "fish"},         {"skis", "skis"},
    {"knife", "knives"},  {"wolf", "wolves"},   {"loaf", "loaves"},       {"leaf", "leaves"},
    {"calf", "calves"},   {"shelf", "shelves"}, {"scissors", "scissors"}, {"broccoli", "broccoli"},
};

bool IsVowel(char c) { return absl::StrContains("aeiou", absl::string_view(&c, 1)); }

// Letters, digits and every byte of a character beyond ASCII belong to words.
bool IsWordByte(char c) { return absl::ascii_isalnum(c) || c == '_' || (c & 0x80) != 0; }

// How many bytes at the start of `text` spell `name` (lower case); 0: none. A space in the name
// stands for any run of white space, or for one hyphen.
size_t MatchLength(std::string_view text, std::string_view name) {
  size_t at = 0;
  for (char c : name) {
    if (c == ' ') {
      const size_t start = at;
      while (at < text.size() && absl::ascii_isspace(text[at])) ++at;
      if (at == start && at < text.size() && text[at] == '-') ++at;
      if (at == start) return 0;
      continue;
    }
    if (at == text.size() || absl::ascii_tolower(text[at]) != c) return 0;
    ++at;
  }
  return at < text.size() && IsWordByte(text[at]) ? 0 : at;
}

void AddBearer(std::string_view name, int image, int detection,
               std::map<std::string, Bearers>* names) {
  if (name.empty()) return;
  const std::string singular = absl::AsciiStrToLower(AbslView(name));
  std::vector<std::string> forms = {singular, PluralOf(singular)};
  if (singular == "person") forms.push_back("persons");
  for (const std::string& form : forms) {
    std::vector<int>& ids = (*names)[form][image];
    if (ids.empty() || ids.back() != detection) ids.push_back(detection);
  }
}

std::map<std::string, Bearers> NamesOf(absl::Span<const std::vector<Detection>> images) {
  std::map<std::string, Bearers> names;
  for (int image = 0; image < static_cast<int>(images.size()); ++image) {
    for (int i = 0; i < static_cast<int>(images[image].size()); ++i) {
      AddBearer(images[image][i].label, image, i, &names);
      AddBearer(images[image][i].finer_label, image, i, &names);
    }
  }
  return names;
}

}  // namespace

std::string PluralOf(std::string_view noun) {
  const size_t space = noun.rfind(' ');
  const size_t start = space == std::string_view::npos ? 0 : space + 1;
  const std::string_view last = noun.substr(start);
  for (const auto& [one, many] : kIrregularPlurals) {
    if (last == one) return absl::StrCat(AbslView(noun.substr(0, start)), AbslView(many));
  }
  const absl::string_view word = AbslView(noun);
  for (absl::string_view hissing : {"s", "x", "z", "ch", "sh"}) {
    if (absl::EndsWith(word, hissing)) return absl::StrCat(word, "es");
  }
  if (word.size() > 1 && word.back() == 'y' && !IsVowel(word[word.size() - 2])) {
    return absl::StrCat(word.substr(0, word.size() - 1), "ies");
  }
  return absl::StrCat(word, "s");
}

std::vector<Grounding> GroundAnswer(std::string_view answer,
                                    absl::Span<const std::vector<Detection>> images) {
  const std::map<std::string, Bearers> names = NamesOf(images);
  std::vector<Grounding> places;
  size_t at = 0;
  while (at < answer.size()) {
    const bool word_starts = IsWordByte(answer[at]) && (at == 0 || !IsWordByte(answer[at - 1]));
    size_t longest = 0;
    const Bearers* bearers = nullptr;
    if (word_starts) {
      for (const auto& [name, who] : names) {
        const size_t length = MatchLength(answer.substr(at), name);
        if (length > longest) {
          longest = length;
          bearers = &who;
        }
      }
    }
    if (bearers == nullptr) {
      ++at;
      continue;
    }
    for (const auto& [image, ids] : *bearers) {
      places.push_back({static_cast<int>(at), static_cast<int>(at + longest), image, ids});
    }
    at += longest;
  }
  return places;
}

}  // namespace mrmllm
