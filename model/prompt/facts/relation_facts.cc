// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/relation_facts.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "model/prompt/facts/presence_facts.h"

namespace mrmllm {
namespace {

// In fractions of the image: centers nearer to each other are level, boxes with a smaller gap are
// next to each other.
constexpr float kLevel = 0.02f;
constexpr float kNextToGap = 0.1f;

// From the reference to the object; positive: to the right, below.
float Dx(const NormalizedBox& object, const NormalizedBox& reference) {
  return (object.x_min + object.x_max - reference.x_min - reference.x_max) / 2;
}
float Dy(const NormalizedBox& object, const NormalizedBox& reference) {
  return (object.y_min + object.y_max - reference.y_min - reference.y_max) / 2;
}

float Gap(const NormalizedBox& a, const NormalizedBox& b) {
  const float horizontal = std::max(a.x_min - b.x_max, b.x_min - a.x_max);
  const float vertical = std::max(a.y_min - b.y_max, b.y_min - a.y_max);
  return std::max({horizontal, vertical, 0.0f});
}

std::string PhraseOf(Direction direction) {
  switch (direction) {
    case Direction::kLeftOf:
      return "to the left of";
    case Direction::kRightOf:
      return "to the right of";
    case Direction::kAbove:
      return "above";
    case Direction::kBelow:
      return "below";
    case Direction::kNextTo:
      return "next to";
  }
  return "";
}

// The strongest direction, and the other axis' too if it is nearly as strong: "above and to the
// left of".
std::string DescribeDirection(const NormalizedBox& object, const NormalizedBox& reference) {
  const float dx = Dx(object, reference);
  const float dy = Dy(object, reference);
  std::string across = PhraseOf(dx < 0 ? Direction::kLeftOf : Direction::kRightOf);
  std::string along = PhraseOf(dy < 0 ? Direction::kAbove : Direction::kBelow);
  const float strong = std::max(std::abs(dx), std::abs(dy));
  if (strong < kLevel) return "in the same place as";
  if (std::abs(dy) < strong / 2) return across;
  if (std::abs(dx) < strong / 2) return along;
  return absl::StrCat(along, " and ", across);
}

// How it is instead, for an answer that begins with No; empty if that is nothing more to say.
std::string Instead(Direction asked, const NormalizedBox& object, const NormalizedBox& reference) {
  switch (asked) {
    case Direction::kLeftOf:
    case Direction::kRightOf:
      if (std::abs(Dx(object, reference)) < kLevel) return DescribeDirection(object, reference);
      return PhraseOf(Dx(object, reference) < 0 ? Direction::kLeftOf : Direction::kRightOf);
    case Direction::kAbove:
    case Direction::kBelow:
      if (std::abs(Dy(object, reference)) < kLevel) return DescribeDirection(object, reference);
      return PhraseOf(Dy(object, reference) < 0 ? Direction::kAbove : Direction::kBelow);
    case Direction::kNextTo:
      return "not next to";
  }
  return "";
}

const Detection* Largest(const std::vector<const Detection*>& objects) {
  return *std::max_element(
      objects.begin(), objects.end(),
      [](const Detection* a, const Detection* b) { return a->box.area() < b->box.area(); });
}

// "the cat", or of several "the largest cat".
std::string TheReference(const ClassMeaning& reference, size_t count, const FactScene& scene) {
  return absl::StrCat(count == 1 ? "the " : "the largest ", reference.noun, scene.in_which);
}

// `subjects` that lie as asked, of `total`, with a verdict if `question` wants one.
std::string SubjectFact(const AskedQuestion& question, const ClassMeaning& subject,
                        const std::vector<const Detection*>& subjects,
                        const NormalizedBox& reference, const std::string& the_reference) {
  const Direction direction = *question.relation->direction;
  const std::string target = absl::StrCat(PhraseOf(direction), " ", the_reference);
  const size_t total = subjects.size();
  const auto count = static_cast<size_t>(std::count_if(
      subjects.begin(), subjects.end(),
      [&](const Detection* object) { return LiesTo(direction, object->box, reference); }));
  const bool counts = question.form == QuestionKind::kCount ||
                      (question.form == QuestionKind::kExistence && question.yes_no);
  std::string fact;
  if (counts && count == 0) {
    fact = absl::StrCat("There is no ", subject.noun, " ", target, ".");
  } else if (counts) {
    fact = absl::StrCat("There ", IsOrAre(count), " ",
                        CountedNoun(static_cast<int>(count), subject.noun), " ", target, ".");
  } else if (count == total) {
    fact = absl::StrCat("The ", total == 1 ? "" : absl::StrCat(total, " "),
                        total == 1 ? subject.noun : PluralOf(subject.noun), " ", IsOrAre(total),
                        " ", target, ".");
  } else if (total == 1) {
    fact = absl::StrCat("The ", subject.noun, " is ",
                        Instead(direction, subjects[0]->box, reference), " ", the_reference, ".");
  } else if (count == 0) {
    fact = absl::StrCat("None of the ", total, " ", PluralOf(subject.noun), " is ", target, ".");
  } else {
    fact = absl::StrCat(count, " of the ", total, " ", PluralOf(subject.noun), " ", IsOrAre(count),
                        " ", target, ".");
  }
  return question.yes_no ? WithVerdict(count > 0, fact) : fact;
}

std::string OpenSubjectFact(const AskedQuestion& question, const Detection* reference,
                            const std::string& the_reference, const FactScene& scene) {
  const Direction direction = *question.relation->direction;
  std::vector<const Detection*> found = SureObjects(scene);
  std::erase_if(found, [&](const Detection* object) {
    return object == reference || !LiesTo(direction, object->box, reference->box);
  });
  const std::string fact =
      absl::StrCat(ThereAre(found, scene), " ", PhraseOf(direction), " ", the_reference, ".");
  return question.yes_no ? WithVerdict(!found.empty(), fact) : fact;
}

}  // namespace

bool LiesTo(Direction direction, const NormalizedBox& object, const NormalizedBox& reference) {
  switch (direction) {
    case Direction::kLeftOf:
      return Dx(object, reference) <= -kLevel;
    case Direction::kRightOf:
      return Dx(object, reference) >= kLevel;
    case Direction::kAbove:
      return Dy(object, reference) <= -kLevel;
    case Direction::kBelow:
      return Dy(object, reference) >= kLevel;
    case Direction::kNextTo:
      return Gap(object, reference) < kNextToGap;
  }
  return false;
}

std::string RelationFact(const AskedQuestion& question, const FactScene& scene) {
  const SpatialRelation& relation = *question.relation;
  const bool absence_is_no = question.yes_no && relation.direction.has_value();
  if (relation.subject.has_value()) {
    std::string absence = AbsenceFact(*relation.subject, scene, absence_is_no);
    if (!absence.empty()) return absence;
  }
  std::string absence = AbsenceFact(relation.reference, scene, absence_is_no);
  if (!absence.empty()) return absence;
  const std::vector<const Detection*> references = SureObjects(relation.reference, scene);
  const Detection* reference = Largest(references);
  const std::string the_reference = TheReference(relation.reference, references.size(), scene);
  if (!relation.subject.has_value()) {
    return OpenSubjectFact(question, reference, the_reference, scene);
  }
  const std::vector<const Detection*> subjects = SureObjects(*relation.subject, scene);
  if (relation.direction.has_value()) {
    return SubjectFact(question, *relation.subject, subjects, reference->box, the_reference);
  }
  const Detection* subject = Largest(subjects);
  return absl::StrCat(subjects.size() == 1 ? "The " : "The largest ", relation.subject->noun,
                      " is ", DescribeDirection(subject->box, reference->box), " ", the_reference,
                      ".");
}

}  // namespace mrmllm
