// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question_facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "model/prompt/class_nouns.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxAsked = 4;

std::string WithArticle(const std::string& noun) {
  constexpr std::string_view kVowels = "aeiou";
  return absl::StrCat(kVowels.find(noun[0]) == std::string_view::npos ? "a " : "an ", noun);
}

// `where`: "the image" or "image 2".
std::string Fact(const ClassMeaning& asked, const std::vector<ClassObjects>& scene,
                 const std::string& where) {
  int sure_count = 0;
  int unsure_count = 0;
  std::vector<std::string> kinds;
  for (const ClassObjects& objects : scene) {
    if (std::find(asked.labels.begin(), asked.labels.end(), objects.label) == asked.labels.end()) {
      continue;
    }
    const int count = static_cast<int>(objects.sure.size());
    sure_count += count;
    unsure_count += objects.unsure_count;
    if (count > 0) kinds.push_back(CountedNoun(count, objects.label));
  }
  if (sure_count == 0 && unsure_count > 0) {
    return absl::StrCat("There may be ", WithArticle(asked.noun), " in ", where, ".");
  }
  if (sure_count == 0) return absl::StrCat("There is no ", asked.noun, " in ", where, ".");
  return absl::StrCat(sure_count == 1 ? "There is " : "There are ",
                      CountedNoun(sure_count, asked.noun), " in ", where,
                      asked.is_group ? absl::StrCat(": ", JoinedList(kinds)) : "", ".");
}

}  // namespace

std::vector<std::string> QuestionFacts(const std::vector<ClassMeaning>& asked,
                                       const std::vector<std::vector<ClassObjects>>& scenes) {
  std::vector<std::string> facts;
  for (size_t a = 0; a < std::min(asked.size(), kMaxAsked); ++a) {
    for (size_t i = 0; i < scenes.size(); ++i) {
      facts.push_back(Fact(asked[a], scenes[i],
                           scenes.size() == 1 ? "the image" : absl::StrCat("image ", i + 1)));
    }
  }
  return facts;
}

}  // namespace mrmllm
