// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/question_kind.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

// Clauses below are their words, lower-case; not empty.

// "Does the image have", "do you have", but not "does the dog have".
bool ImageHas(const std::vector<std::string>& clause) {
  return ContainsImageWord(clause) ||
         (clause.size() > 1 &&
          (clause[1] == "you" || clause[1] == "it" || clause[1] == "we" || clause[1] == "this"));
}

bool AsksForExistence(const std::vector<std::string>& clause) {
  const std::string& first = clause[0];
  if (first == "is" || first == "are") {
    return (clause.size() > 1 && clause[1] == "there") ||
           ContainsAny(clause, {"visible", "present", "depicted", "shown"}) ||
           IsImageWord(clause.back());
  }
  if (first == "do" || first == "does" || first == "can" || first == "could") {
    return ContainsAny(clause, {"see", "seen", "show", "contain", "include", "find", "spot",
                                "feature", "depict", "notice", "appear", "detect"}) ||
           (Contains(clause, "have") && ImageHas(clause));
  }
  if (ContainsAny(clause, {"what", "which", "where", "how", "why", "who"})) return false;
  return Contains(clause, "any") ||
         (ContainsAny(clause, {"if", "whether"}) &&
          ContainsAny(clause, {"there", "see", "visible", "present", "shows", "contains"}));
}

bool AsksForCount(const std::vector<std::string>& clause) {
  return (Contains(clause, "how") && Contains(clause, "many")) ||
         (Contains(clause, "number") && Contains(clause, "of")) || clause[0] == "count";
}

bool AsksForPlace(const std::vector<std::string>& clause) {
  return ContainsAny(clause, {"where", "position", "location", "locate"}) ||
         (Contains(clause, "which") && ContainsAny(clause, {"side", "part"}));
}

bool AsksForFinerName(const std::vector<std::string>& clause) {
  return ContainsAny(clause, {"what", "which"}) &&
         ContainsAny(clause, {"kind", "breed", "type", "species", "sort"});
}

}  // namespace

QuestionKind FormOf(std::string_view question) {
  const std::string lower = absl::AsciiStrToLower(std::string(question));
  QuestionKind kind = QuestionKind::kOther;
  for (const std::string& text : std::vector<std::string>(
           absl::StrSplit(lower, absl::ByAnyChar(".?!,;:\n"), absl::SkipWhitespace()))) {
    const std::vector<std::string> clause =
        absl::StrSplit(text, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (clause.empty()) continue;
    if (AsksForCount(clause)) return QuestionKind::kCount;
    if (AsksForPlace(clause)) kind = QuestionKind::kPlace;
    if (AsksForFinerName(clause)) kind = QuestionKind::kFinerName;
    if (AsksForExistence(clause)) kind = QuestionKind::kExistence;
  }
  return kind;
}

}  // namespace mrmllm
