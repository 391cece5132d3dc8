// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_DRAWN_NOUN_H_
#define MRMLLM_MODEL_TRAINING_SCENES_DRAWN_NOUN_H_

#include <string>
#include <vector>

#include "base/words/class_words.h"
#include "model/prompt/scene_summary.h"
#include "model/training/scenes/random.h"

namespace mrmllm {

// What questions are drawn about.
struct QuestionSubjects {
  const ClassWords& class_words;
  const std::vector<std::string>& labels;
  const std::vector<std::vector<ClassObjects>>& scenes;  // one or two images
};

// How often a class is drawn that has a sure object, and one that has unsure ones only; otherwise
// it is any class.
struct NounChances {
  double sure = 0.5;
  double unsure = 0.15;
};

// A word for a class: mostly the class's name, sometimes a synonym, a narrower word or a group.
KnownPhrase DrawNoun(const QuestionSubjects& subjects, const NounChances& chances, Random& random);

// A word for a group with something of it in the images, or any group.
KnownPhrase DrawGroup(const QuestionSubjects& subjects, Random& random);

// Two words that have no class in common.
std::vector<KnownPhrase> DrawTwoNouns(const QuestionSubjects& subjects, const NounChances& chances,
                                      Random& random);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_DRAWN_NOUN_H_
