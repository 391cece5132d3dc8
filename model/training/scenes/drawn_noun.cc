// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/drawn_noun.h"

#include <algorithm>
#include <string_view>

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

constexpr double kOwnName = 0.6;  // otherwise a synonym, a narrower word or a group

// Words without a natural singular and plural.
bool IsAwkward(std::string_view phrase) {
  constexpr std::string_view kAwkward[] = {
      "persons", "someone", "somebody", "anyone",      "anybody", "cattle", "luggage",
      "foods",   "fruits",  "ski",      "electronics", "mobile",  "tv set", "television set"};
  return std::find(std::begin(kAwkward), std::end(kAwkward), phrase) != std::end(kAwkward);
}

std::vector<std::string> LabelsOf(const QuestionSubjects& subjects, bool sure) {
  std::vector<std::string> labels;
  for (const std::vector<ClassObjects>& scene : subjects.scenes) {
    for (const ClassObjects& objects : scene) {
      if (objects.sure.empty() != sure && !Contains(labels, objects.label)) {
        labels.push_back(objects.label);
      }
    }
  }
  return labels;
}

KnownPhrase PhraseFor(const std::string& label, const QuestionSubjects& subjects, Random& random) {
  const bool own_name = random.Chance(kOwnName);
  std::vector<KnownPhrase> candidates;
  for (const KnownPhrase& known : subjects.class_words.phrases()) {
    if (!Contains(known.meaning.labels, label) || IsAwkward(known.phrase)) continue;
    if (own_name && known.phrase == label) return known;
    if (known.phrase != label) candidates.push_back(known);
  }
  return candidates.empty() ? KnownPhrase{label, {label, {label}}} : random.Pick(candidates);
}

bool ShareAClass(const ClassMeaning& a, const ClassMeaning& b) {
  return std::any_of(a.labels.begin(), a.labels.end(),
                     [&](const std::string& label) { return Contains(b.labels, label); });
}

}  // namespace

KnownPhrase DrawNoun(const QuestionSubjects& subjects, const NounChances& chances, Random& random) {
  const double draw = random.Uniform();
  std::vector<std::string> labels;
  if (draw < chances.sure) {
    labels = LabelsOf(subjects, true);
  } else if (draw < chances.sure + chances.unsure) {
    labels = LabelsOf(subjects, false);
  }
  return PhraseFor(random.Pick(labels.empty() ? subjects.labels : labels), subjects, random);
}

KnownPhrase DrawGroup(const QuestionSubjects& subjects, Random& random) {
  const std::vector<std::string> sure = LabelsOf(subjects, true);
  std::vector<KnownPhrase> groups;
  std::vector<KnownPhrase> shown;
  for (const KnownPhrase& known : subjects.class_words.phrases()) {
    if (!known.meaning.is_group || IsAwkward(known.phrase)) continue;
    groups.push_back(known);
    if (ShareAClass(known.meaning, {"", sure})) shown.push_back(known);
  }
  constexpr double kShown = 0.75;
  return random.Pick(!shown.empty() && random.Chance(kShown) ? shown : groups);
}

std::vector<KnownPhrase> DrawTwoNouns(const QuestionSubjects& subjects, const NounChances& chances,
                                      Random& random) {
  const KnownPhrase first = DrawNoun(subjects, chances, random);
  KnownPhrase second = DrawNoun(subjects, chances, random);
  constexpr int kTries = 20;
  for (int i = 0; i < kTries && ShareAClass(first.meaning, second.meaning); ++i) {
    // At last any class: an image may show a single one.
    second = DrawNoun(subjects, i < kTries / 2 ? chances : NounChances{0, 0}, random);
  }
  return {first, second};
}

}  // namespace mrmllm
