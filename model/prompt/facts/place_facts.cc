// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/place_facts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "model/prompt/facts/presence_facts.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxPlaces = 3;

bool IsIn(const ImageRegion& region, const NormalizedBox& box) {
  const std::string place = PlaceOf(box);
  const int row = absl::StartsWith(place, "top") ? -1 : absl::StartsWith(place, "bottom") ? 1 : 0;
  const int column = absl::EndsWith(place, "left") ? -1 : absl::EndsWith(place, "right") ? 1 : 0;
  return region.row.value_or(row) == row && region.column.value_or(column) == column;
}

std::vector<const Detection*> In(const ImageRegion& region, std::vector<const Detection*> objects) {
  std::erase_if(objects, [&](const Detection* object) { return !IsIn(region, object->box); });
  return objects;
}

}  // namespace

std::string PlacePhrase(const NormalizedBox& box) {
  const std::string place = PlaceOf(box);
  if (place == "left" || place == "right") return "on the " + place;
  if (place == "top" || place == "bottom") return "at the " + place;
  return "in the " + place;
}

std::string PlaceFact(const ClassMeaning& asked, const FactScene& scene) {
  std::vector<std::string> places;
  const std::vector<const Detection*> objects = SureObjects(asked, scene);
  for (const Detection* object : objects) {
    if (places.size() < kMaxPlaces) places.push_back(PlacePhrase(object->box));
  }
  if (places.empty()) return "";
  if (objects.size() == 1) {
    return absl::StrCat("The ", asked.noun, " is ", places[0], " of ", scene.where, ".");
  }
  return absl::StrCat("There are ", CountedNoun(static_cast<int>(objects.size()), asked.noun),
                      " in ", scene.where, ": ", JoinedList(places), ".");
}

std::string RegionFact(const ClassMeaning& asked, const AskedQuestion& question,
                       const FactScene& scene) {
  const std::string place = absl::StrCat(question.region->phrase, " of ", scene.where);
  const std::vector<const Detection*> objects = SureObjects(asked, scene);
  const std::vector<const Detection*> inside = In(*question.region, objects);
  if (objects.empty()) return AbsenceFact(asked, scene, question.yes_no);
  if (inside.empty()) {
    if (question.yes_no) return WithVerdict(false, PlaceFact(asked, scene));
    return absl::StrCat("There is no ", asked.noun, " ", place, ".");
  }
  const bool of_known_object = question.yes_no && question.form != QuestionKind::kExistence;
  if (of_known_object && inside.size() == objects.size()) {
    return absl::StrCat("Yes, ", TheObjects(objects.size(), asked.noun), " ",
                        IsOrAre(objects.size()), " ", place, ".");
  }
  if (of_known_object) {
    return absl::StrCat("Yes, ", inside.size(), " of ", TheObjects(objects.size(), asked.noun), " ",
                        IsOrAre(inside.size()), " ", place, ".");
  }
  const std::string fact =
      absl::StrCat("There ", IsOrAre(inside.size()), " ",
                   CountedNoun(static_cast<int>(inside.size()), asked.noun), " ", place,
                   asked.is_group ? ": " + CountedObjects(inside, scene) : "", ".");
  return question.yes_no ? WithVerdict(true, fact) : fact;
}

std::string RegionListFact(const AskedQuestion& question, const FactScene& scene) {
  const std::vector<const Detection*> inside = In(*question.region, SureObjects(scene));
  const std::string fact =
      absl::StrCat(ThereAre(inside, scene), " ", question.region->phrase, " of ", scene.where, ".");
  return question.yes_no ? WithVerdict(!inside.empty(), fact) : fact;
}

}  // namespace mrmllm
