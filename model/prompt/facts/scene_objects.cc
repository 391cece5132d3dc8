// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/scene_objects.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "base/words/question_words.h"

namespace mrmllm {

std::vector<const Detection*> SureObjects(const ClassMeaning& asked, const FactScene& scene,
                                          const std::string& color) {
  std::vector<const Detection*> found;
  for (const ClassObjects& objects : scene.classes) {
    if (!Contains(asked.labels, objects.label)) continue;
    std::copy_if(objects.sure.begin(), objects.sure.end(), std::back_inserter(found),
                 [&](const Detection* object) { return color.empty() || object->color == color; });
  }
  return found;
}

std::vector<const Detection*> SureObjects(const FactScene& scene) {
  std::vector<const Detection*> found;
  for (const ClassObjects& objects : scene.classes) {
    found.insert(found.end(), objects.sure.begin(), objects.sure.end());
  }
  return found;
}

bool MayBeThere(const ClassMeaning& asked, const FactScene& scene) {
  int unsure = 0;
  for (const ClassObjects& objects : scene.classes) {
    if (Contains(asked.labels, objects.label)) unsure += objects.unsure_count;
  }
  return unsure > 0 && SureObjects(asked, scene).empty();
}

std::string CountedObjects(const std::vector<const Detection*>& objects, const FactScene& scene) {
  std::vector<std::string> counted;
  for (const ClassObjects& known : scene.classes) {
    const auto count = std::count_if(objects.begin(), objects.end(), [&](const Detection* object) {
      return object->label == known.label;
    });
    if (count > 0) counted.push_back(CountedNoun(static_cast<int>(count), known.label));
  }
  return JoinedList(counted);
}

std::string ThereAre(const std::vector<const Detection*>& objects, const FactScene& scene) {
  if (objects.empty()) return "There is no known object";
  const std::string counted = CountedObjects(objects, scene);
  // The verb goes by what stands next to it.
  return absl::StrCat("There ", absl::StartsWith(counted, "1 ") ? "is " : "are ", counted);
}

std::string TheObjects(size_t count, const std::string& noun) {
  return count == 1 ? "the " + noun : absl::StrCat("the ", count, " ", PluralOf(noun));
}

std::string IsOrAre(size_t count) { return count == 1 ? "is" : "are"; }

std::string WithVerdict(bool yes, std::string fact) {
  if (!fact.empty()) fact[0] = absl::ascii_tolower(static_cast<unsigned char>(fact[0]));
  return absl::StrCat(yes ? "Yes, " : "No, ", fact);
}

std::string Capitalized(std::string fact) {
  if (!fact.empty()) fact[0] = absl::ascii_toupper(static_cast<unsigned char>(fact[0]));
  return fact;
}

}  // namespace mrmllm
