// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/presence_facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "model/prompt/facts/attribute_facts.h"

namespace mrmllm {
namespace {

std::string There(bool verdict, bool yes) {
  if (!verdict) return "There";
  return yes ? "Yes, there" : "No, there";
}

}  // namespace

std::string PresenceFact(const ClassMeaning& asked, const FactScene& scene, bool verdict,
                         const std::string& color) {
  const std::string tellable_color = HasColorOfItsOwn(asked) ? color : "";
  const std::string noun =
      tellable_color.empty() ? asked.noun : absl::StrCat(tellable_color, " ", asked.noun);
  const std::vector<const Detection*> all = SureObjects(asked, scene);
  const std::vector<const Detection*> found = SureObjects(asked, scene, tellable_color);
  if (all.empty() && MayBeThere(asked, scene)) {
    return absl::StrCat(There(verdict, true), " may be ", WithArticle(asked.noun), " in ",
                        scene.where, ".");
  }
  if (found.empty()) {
    const bool unknown = std::any_of(all.begin(), all.end(),
                                     [](const Detection* object) { return object->color.empty(); });
    if (unknown) return UnknownColorFact(all.size(), asked, scene);
    return absl::StrCat(There(verdict, false), " is no ", noun, " in ", scene.where, ".");
  }
  return absl::StrCat(There(verdict, true), " ", IsOrAre(found.size()), " ",
                      CountedNoun(static_cast<int>(found.size()), noun), " in ", scene.where,
                      asked.is_group ? ": " + CountedObjects(found, scene) : "", ".");
}

std::string AbsenceFact(const ClassMeaning& asked, const FactScene& scene, bool verdict) {
  if (!SureObjects(asked, scene).empty()) return "";
  return PresenceFact(asked, scene, verdict && !MayBeThere(asked, scene));
}

}  // namespace mrmllm
