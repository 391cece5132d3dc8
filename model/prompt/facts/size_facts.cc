// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/size_facts.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "model/prompt/facts/place_facts.h"
#include "model/prompt/facts/presence_facts.h"

namespace mrmllm {
namespace {

// Sizes nearer to each other than this ratio are called the same.
constexpr float kSameRatio = 1.1f;

float SizeOf(const Detection* object, SizeQuestion::Measure measure) {
  const NormalizedBox& box = object->box;
  if (measure == SizeQuestion::Measure::kHeight) return box.y_max - box.y_min;
  if (measure == SizeQuestion::Measure::kWidth) return box.x_max - box.x_min;
  return box.area();
}

const Detection* Extreme(const std::vector<const Detection*>& objects, const SizeQuestion& size) {
  return *std::max_element(objects.begin(), objects.end(),
                           [&](const Detection* a, const Detection* b) {
                             const float of_a = SizeOf(a, size.measure);
                             const float of_b = SizeOf(b, size.measure);
                             return size.larger ? of_a < of_b : of_b < of_a;
                           });
}

std::string TheLargest(size_t count, const std::string& noun) {
  return absl::StrCat(count == 1 ? "the " : "the largest ", noun);
}

std::string ComparativeFact(const AskedQuestion& question, const FactScene& scene) {
  const SizeQuestion& size = *question.size;
  for (size_t i = 0; i < 2; ++i) {
    std::string absence = AbsenceFact(question.asked[i], scene, question.yes_no);
    if (!absence.empty()) return absence;
  }
  SizeQuestion largest = size;
  largest.larger = true;
  const std::vector<const Detection*> first = SureObjects(question.asked[0], scene);
  const std::vector<const Detection*> second = SureObjects(question.asked[1], scene);
  const float a = SizeOf(Extreme(first, largest), size.measure);
  const float b = SizeOf(Extreme(second, largest), size.measure);
  const std::string the_first = TheLargest(first.size(), question.asked[0].noun);
  const std::string the_second = TheLargest(second.size(), question.asked[1].noun);
  if (std::max(a, b) < kSameRatio * std::min(a, b)) {
    return Capitalized(
        absl::StrCat(the_first, " and ", the_second, scene.in_which, " are about the same size."));
  }
  const bool first_as_asked = (a > b) == size.larger;
  if (question.yes_no) {
    return WithVerdict(first_as_asked, absl::StrCat(the_first, " is ",
                                                    first_as_asked ? size.adjective : size.opposite,
                                                    " than ", the_second, scene.in_which, "."));
  }
  return Capitalized(absl::StrCat(first_as_asked ? the_first : the_second, " is ", size.adjective,
                                  " than ", first_as_asked ? the_second : the_first, scene.in_which,
                                  "."));
}

std::string SuperlativeFact(const AskedQuestion& question, const FactScene& scene) {
  const SizeQuestion& size = *question.size;
  // "Is the dog the largest object?" asks of all objects, "the largest dog" of dogs.
  const bool of_class = !question.asked.empty() && !question.yes_no;
  if (!question.asked.empty()) {
    std::string absence = AbsenceFact(question.asked[0], scene, question.yes_no);
    if (!absence.empty()) return absence;
  }
  const std::vector<const Detection*> objects =
      of_class ? SureObjects(question.asked[0], scene) : SureObjects(scene);
  if (objects.empty()) return absl::StrCat("There is no known object in ", scene.where, ".");
  const Detection* extreme = Extreme(objects, size);
  if (of_class && !question.asked[0].is_group) {
    if (objects.size() == 1) return PresenceFact(question.asked[0], scene);
    return absl::StrCat("The ", size.adjective, " ", question.asked[0].noun, " is ",
                        PlacePhrase(extreme->box), " of ", scene.where, ".");
  }
  std::string fact =
      absl::StrCat("The ", size.adjective, " ", of_class ? question.asked[0].noun : "object",
                   " in ", scene.where, " is ", WithArticle(extreme->label), ".");
  if (!question.yes_no || question.asked.empty()) return fact;
  const std::vector<std::string>& labels = question.asked[0].labels;
  return WithVerdict(std::find(labels.begin(), labels.end(), extreme->label) != labels.end(), fact);
}

std::string AmountFact(const AskedQuestion& question, const FactScene& scene) {
  std::string absence = AbsenceFact(question.asked[0], scene, false);
  if (!absence.empty()) return absence;
  const std::vector<const Detection*> objects = SureObjects(question.asked[0], scene);
  const long percent = std::lround(100 * Extreme(objects, *question.size)->box.area());
  return Capitalized(absl::StrCat(TheLargest(objects.size(), question.asked[0].noun), " covers ",
                                  std::max(1L, percent), "% of ", scene.where, "."));
}

}  // namespace

std::string SizeFact(const AskedQuestion& question, const FactScene& scene) {
  switch (question.size->form) {
    case SizeQuestion::Form::kComparative:
      return ComparativeFact(question, scene);
    case SizeQuestion::Form::kSuperlative:
      return SuperlativeFact(question, scene);
    case SizeQuestion::Form::kAmount:
      return AmountFact(question, scene);
  }
  return "";
}

}  // namespace mrmllm
