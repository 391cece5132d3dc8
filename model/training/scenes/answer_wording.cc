// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/answer_wording.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "base/words/class_nouns.h"

namespace mrmllm {
namespace {

constexpr absl::string_view kUntellable = " cannot be told";

std::string Decapitalized(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  return text;
}

// "there is 1 apple" -> "there is an apple", also of the kinds of a group.
std::string WithArticles(const std::string& fact) {
  std::string text = fact;
  for (const std::string before : {"there is 1 ", ": 1 "}) {
    const size_t at = text.find(before);
    if (at == std::string::npos) continue;
    const size_t number = at + before.size() - 2;
    const std::string rest = text.substr(number + 2);
    if (before == ": 1 " && absl::StrContains(rest, " and ")) continue;
    text = text.substr(0, number) + WithArticle(rest);
  }
  return text;
}

// One fact without its verdict and full stop.
std::string Clause(const std::string& fact, bool verdict) {
  absl::string_view rest = fact;
  absl::ConsumePrefix(&rest, "Yes, ");
  absl::ConsumePrefix(&rest, "No, ");
  absl::ConsumeSuffix(&rest, ".");
  std::string clause = Decapitalized(std::string(rest));
  if (verdict) clause = WithArticles(clause);
  if (absl::StrContains(clause, " may be ")) absl::StrAppend(&clause, ", but I am not sure");
  if (const size_t at = clause.find(kUntellable.data()); at != std::string::npos) {
    clause = absl::StrCat("I cannot tell ", clause.substr(0, at),
                          clause.substr(at + kUntellable.size()));
  }
  return clause;
}

bool Denies(const std::string& fact) {
  return absl::StartsWith(fact, "No, ") || absl::StrContains(fact, " is no ");
}

}  // namespace

std::string CannotTell(const std::string& what) {
  return absl::StrCat("I cannot tell ", what, " from the image.");
}

std::string WordAnswer(const std::vector<std::string>& facts, Verdict verdict) {
  std::string answer;
  bool any_yes = false;
  bool any_no = false;
  for (size_t i = 0; i < facts.size(); ++i) {
    if (i > 0) {
      const bool contrast = Denies(facts[i]) != Denies(facts[i - 1]);
      answer += contrast ? ", but " : ", and ";
    }
    const bool has_verdict =
        absl::StartsWith(facts[i], "Yes, ") || absl::StartsWith(facts[i], "No, ");
    answer += Clause(facts[i], has_verdict);
    any_yes = any_yes || absl::StartsWith(facts[i], "Yes, ");
    any_no = any_no || absl::StartsWith(facts[i], "No, ");
    if (absl::StrContains(facts[i], kUntellable)) break;
  }
  if (verdict != Verdict::kNone && (any_yes || any_no)) {
    const bool yes = verdict == Verdict::kAll ? !any_no : any_yes;
    return absl::StrCat(yes ? "Yes, " : "No, ", answer, ".");
  }
  if (!answer.empty()) answer[0] = absl::ascii_toupper(static_cast<unsigned char>(answer[0]));
  return answer + ".";
}

}  // namespace mrmllm
