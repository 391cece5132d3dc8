// SPDX-License-Identifier: Apache-2.0
#include "base/words/question_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"

namespace mrmllm {

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      word += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool ContainsAny(const std::vector<std::string>& words,
                 const std::vector<std::string_view>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](std::string_view word) { return Contains(words, word); });
}

size_t FindPhrase(const std::vector<std::string>& words, std::string_view phrase) {
  const std::vector<std::string> wanted = WordsOf(phrase);
  const auto found = std::search(words.begin(), words.end(), wanted.begin(), wanted.end());
  return found == words.end() ? kNoPhrase : static_cast<size_t>(found - words.begin());
}

bool IsImageWord(std::string_view word) {
  constexpr std::array<std::string_view, 17> kImageWords = {
      "image",      "images",      "picture",    "pictures", "photo",   "photos",
      "photograph", "photographs", "pic",        "pics",     "scene",   "shot",
      "snapshot",   "frame",       "screenshot", "view",     "painting"};
  return std::find(kImageWords.begin(), kImageWords.end(), word) != kImageWords.end();
}

bool ContainsImageWord(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), IsImageWord);
}

}  // namespace mrmllm
