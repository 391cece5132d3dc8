// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/attribute_facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/words/class_nouns.h"
#include "base/words/question_words.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxNames = 3;

using ColorCounts = std::vector<std::pair<std::string, size_t>>;  // most frequent first

ColorCounts CountColors(const std::vector<const Detection*>& objects) {
  ColorCounts counts;
  for (const Detection* object : objects) {
    if (object->color.empty()) continue;
    const auto known = std::find_if(counts.begin(), counts.end(), [&](const auto& entry) {
      return entry.first == object->color;
    });
    if (known == counts.end()) {
      counts.emplace_back(object->color, 1);
    } else {
      ++known->second;
    }
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return counts;
}

// "The car is red.", "Of the 3 cars, 2 are red and 1 is blue."
std::string DescribeColors(const ColorCounts& colors, size_t total, const ClassMeaning& asked,
                           const FactScene& scene) {
  if (colors.size() == 1 && colors[0].second == total) {
    return Capitalized(absl::StrCat(TheObjects(total, asked.noun), scene.in_which, " ",
                                    IsOrAre(total), " ", colors[0].first, "."));
  }
  std::vector<std::string> parts;
  for (const auto& [color, count] : colors) {
    parts.push_back(absl::StrCat(count, " ", IsOrAre(count), " ", color));
  }
  return absl::StrCat("Of ", TheObjects(total, asked.noun), scene.in_which, ", ", JoinedList(parts),
                      ".");
}

}  // namespace

bool HasColorOfItsOwn(const ClassMeaning& asked) { return !Contains(asked.labels, "person"); }

std::string UnknownColorFact(size_t count, const ClassMeaning& asked, const FactScene& scene) {
  return absl::StrCat("The color of ", TheObjects(count, asked.noun), scene.in_which,
                      " cannot be told.");
}

std::string ColorFact(const ClassMeaning& asked, const FactScene& scene,
                      const std::string& asked_color) {
  const std::vector<const Detection*> objects = SureObjects(asked, scene);
  const size_t total = objects.size();
  if (objects.empty()) return "";
  if (!HasColorOfItsOwn(asked)) {
    return absl::StrCat("The colors of a person's clothes cannot be told.");
  }
  const ColorCounts colors = CountColors(objects);
  if (colors.empty()) return UnknownColorFact(total, asked, scene);
  if (asked_color.empty()) return DescribeColors(colors, total, asked, scene);
  const size_t matching = SureObjects(asked, scene, asked_color).size();
  if (matching == 0) return WithVerdict(false, DescribeColors(colors, total, asked, scene));
  if (matching == total) return WithVerdict(true, DescribeColors(colors, total, asked, scene));
  return absl::StrCat("Yes, ", matching, " of ", TheObjects(total, asked.noun), scene.in_which, " ",
                      IsOrAre(matching), " ", asked_color, ".");
}

std::string FinerNameFact(const ClassMeaning& asked, const FactScene& scene) {
  std::vector<std::string> names;
  for (const Detection* object : SureObjects(asked, scene)) {
    if (object->finer_label.empty()) continue;
    const std::string name = WithArticle(object->finer_label);
    if (!Contains(names, name) && names.size() < kMaxNames) names.push_back(name);
  }
  if (names.empty()) return "";
  return absl::StrCat("The ", asked.noun, " is ", absl::StrJoin(names, " or "), ".");
}

}  // namespace mrmllm
