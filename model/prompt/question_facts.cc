// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question_facts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "model/prompt/class_nouns.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxAsked = 4;
constexpr size_t kMaxPlaces = 3;

std::string WithArticle(const std::string& noun) {
  constexpr std::string_view kVowels = "aeiouAEIOU";
  return absl::StrCat(kVowels.find(noun[0]) == std::string_view::npos ? "a " : "an ", noun);
}

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool ContainsAny(const std::vector<std::string>& words,
                 const std::vector<std::string_view>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](std::string_view word) { return Contains(words, word); });
}

// `clause`: its words, lower-case; not empty.
bool AsksForExistence(const std::vector<std::string>& clause) {
  const std::string& first = clause[0];
  if (first == "is" || first == "are") {
    return (clause.size() > 1 && clause[1] == "there") ||
           ContainsAny(clause, {"visible", "present"});
  }
  if (first == "do" || first == "does" || first == "can" || first == "could") {
    return ContainsAny(clause, {"see", "show", "contain", "include", "have", "find", "spot"});
  }
  return false;
}

bool AsksForCount(const std::vector<std::string>& clause) {
  return (Contains(clause, "how") && Contains(clause, "many")) ||
         (Contains(clause, "number") && Contains(clause, "of")) || clause[0] == "count";
}

bool AsksForPlace(const std::vector<std::string>& clause) {
  return clause[0] == "where" || ContainsAny(clause, {"position", "location"});
}

bool AsksForFinerName(const std::vector<std::string>& clause) {
  return ContainsAny(clause, {"what", "which"}) &&
         ContainsAny(clause, {"kind", "breed", "type", "species", "sort"});
}

// "on the left", "in the top left", "in the center".
std::string PlacePhrase(const NormalizedBox& box) {
  const std::string place = PlaceOf(box);
  if (place == "left" || place == "right") return "on the " + place;
  if (place == "top" || place == "bottom") return "at the " + place;
  return "in the " + place;
}

// The sure objects of the asked classes in one image.
std::vector<const Detection*> SureObjects(const ClassMeaning& asked,
                                          const std::vector<ClassObjects>& scene) {
  std::vector<const Detection*> found;
  for (const ClassObjects& objects : scene) {
    if (Contains(asked.labels, objects.label)) {
      found.insert(found.end(), objects.sure.begin(), objects.sure.end());
    }
  }
  return found;
}

// Empty when nothing is sure, so there is no place to tell.
std::string PlaceFact(const ClassMeaning& asked, const std::vector<ClassObjects>& scene,
                      const std::string& where) {
  std::vector<std::string> places;
  const std::vector<const Detection*> objects = SureObjects(asked, scene);
  for (const Detection* object : objects) {
    if (places.size() < kMaxPlaces) places.push_back(PlacePhrase(object->box));
  }
  if (places.empty()) return "";
  if (objects.size() == 1) {
    return absl::StrCat("The ", asked.noun, " is ", places[0], " of ", where, ".");
  }
  return absl::StrCat("There are ", CountedNoun(static_cast<int>(objects.size()), asked.noun),
                      " in ", where, ": ", JoinedList(places), ".");
}

// Empty when no object of the asked classes has a finer name.
std::string FinerNameFact(const ClassMeaning& asked, const std::vector<ClassObjects>& scene) {
  std::vector<std::string> names;
  for (const Detection* object : SureObjects(asked, scene)) {
    if (object->finer_label.empty()) continue;
    const std::string name = WithArticle(object->finer_label);
    if (!Contains(names, name) && names.size() < kMaxPlaces) names.push_back(name);
  }
  if (names.empty()) return "";
  return absl::StrCat("The ", asked.noun, " is ", absl::StrJoin(names, " or "), ".");
}

// `where`: "the image" or "image 2".
std::string PresenceFact(const ClassMeaning& asked, QuestionKind kind,
                         const std::vector<ClassObjects>& scene, const std::string& where) {
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
  const bool existence = kind == QuestionKind::kExistence;
  if (sure_count == 0 && unsure_count > 0) {
    return absl::StrCat(existence ? "Yes, there" : "There", " may be ", WithArticle(asked.noun),
                        " in ", where, ".");
  }
  if (sure_count == 0) {
    return absl::StrCat(existence ? "No, there" : "There", " is no ", asked.noun, " in ", where,
                        ".");
  }
  return absl::StrCat(existence ? "Yes, there" : "There", sure_count == 1 ? " is " : " are ",
                      CountedNoun(sure_count, asked.noun), " in ", where,
                      asked.is_group ? absl::StrCat(": ", JoinedList(kinds)) : "", ".");
}

std::string Fact(const ClassMeaning& asked, QuestionKind kind,
                 const std::vector<ClassObjects>& scene, const std::string& where) {
  std::string fact;
  if (kind == QuestionKind::kPlace) fact = PlaceFact(asked, scene, where);
  if (kind == QuestionKind::kFinerName) fact = FinerNameFact(asked, scene);
  return fact.empty() ? PresenceFact(asked, kind, scene, where) : fact;
}

}  // namespace

QuestionKind KindOf(std::string_view question) {
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

std::vector<std::string> QuestionFacts(const std::vector<ClassMeaning>& asked, QuestionKind kind,
                                       const std::vector<std::vector<ClassObjects>>& scenes) {
  std::vector<std::string> facts;
  for (size_t a = 0; a < std::min(asked.size(), kMaxAsked); ++a) {
    for (size_t i = 0; i < scenes.size(); ++i) {
      facts.push_back(Fact(asked[a], kind, scenes[i],
                           scenes.size() == 1 ? "the image" : absl::StrCat("image ", i + 1)));
    }
  }
  return facts;
}

}  // namespace mrmllm
