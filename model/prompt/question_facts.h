// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "model/prompt/class_words.h"
#include "model/prompt/scene_summary.h"

namespace mrmllm {

// What kind of answer a question about objects wants; facts are worded for it.
enum class QuestionKind {
  kExistence,  // "Is there a dog?", "Do you see any cars?"
  kCount,      // "How many dogs are there?"
  kPlace,      // "Where is the dog?"
  kFinerName,  // "What kind of dog is it?"
  kOther,
};

QuestionKind KindOf(std::string_view question);

// Facts, computed from the detections, about the classes that a question names: a small language
// model copies well and counts badly. One sentence per class and image, the first named class first
// and at most 4 classes:
//
//   There are 2 dogs in the image.                         There is no dog in image 2.
//   There may be a cat in the image.                       (only unsure detections)
//   There are 3 animals in the image: 2 zebras and 1 dog.  (a hypernym)
//   The dog is on the left of the image.                   (asked where)
//   The dog is a golden retriever.                         (asked of what kind)
//
// For an existence question each begins with "Yes, " or "No, "; an unsure object is more likely
// there than not, so that is a Yes.
std::vector<std::string> QuestionFacts(const std::vector<ClassMeaning>& asked, QuestionKind kind,
                                       const std::vector<std::vector<ClassObjects>>& scenes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_
