// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/wording.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "base/string_views.h"
#include "base/words/class_nouns.h"

namespace mrmllm {
namespace {

constexpr double kGreeted = 0.06;
constexpr double kSmallLetters = 0.2;
constexpr double kNoMark = 0.2;
constexpr double kMistyped = 0.03;
constexpr double kThanked = 0.04;

std::string_view DrawImageWord(Random& random) {
  constexpr std::string_view kImageWords[] = {"image",   "image", "image", "picture",    "picture",
                                              "picture", "photo", "photo", "photograph", "scene"};
  return random.Pick(kImageWords);
}

// Exchanges two letters of one of the words that carry little.
std::string Mistyped(const std::string& question, Random& random) {
  constexpr std::string_view kWords[] = {"there",   "the",   "what", "many", "image",
                                         "picture", "where", "does", "this", "photo"};
  std::vector<std::string> words = absl::StrSplit(question, ' ');
  std::string& word = words[random.Below(words.size())];
  if (std::find(std::begin(kWords), std::end(kWords), word) == std::end(kWords)) return question;
  const size_t at = 1 + random.Below(word.size() - 2);
  std::swap(word[at], word[at + 1]);
  return absl::StrJoin(words, " ");
}

}  // namespace

WordingFields NounFields(const std::string& noun, const std::string& suffix) {
  const std::string plural = PluralOf(noun);
  return {{"{n" + suffix + "}", noun},
          {"{ns" + suffix + "}", plural},
          {"{a" + suffix + "}", WithArticle(noun)},
          {"{the" + suffix + "}", "the " + noun},
          {"{the_s" + suffix + "}", "the " + plural}};
}

std::string FillWording(std::string_view wording, const WordingFields& fields, Random& random) {
  WordingFields replacements = fields;
  replacements.emplace_back("{img}", DrawImageWord(random));
  std::string text = absl::StrReplaceAll(AbslView(wording), replacements);
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

std::string InEverydayStyle(std::string question, Random& random) {
  if (random.Chance(kMistyped)) question = Mistyped(question, random);
  if (random.Chance(kGreeted)) {
    constexpr std::string_view kGreetings[] = {"Hi! ",           "Hello. ",
                                               "Hey, ",          "Look closely. ",
                                               "One question: ", "Please look at the image. "};
    question = absl::StrCat(AbslView(random.Pick(kGreetings)), question);
  }
  if (random.Chance(kNoMark) && !question.empty() &&
      absl::ascii_ispunct(static_cast<unsigned char>(question.back()))) {
    question.pop_back();
  } else if (random.Chance(kThanked)) {
    constexpr std::string_view kThanks[] = {" Thank you.", " Please answer briefly.", " Thanks!",
                                            " Answer in one sentence."};
    absl::StrAppend(&question, AbslView(random.Pick(kThanks)));
  }
  if (random.Chance(kSmallLetters)) absl::AsciiStrToLower(&question);
  return question;
}

}  // namespace mrmllm
