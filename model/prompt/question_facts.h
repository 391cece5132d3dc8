// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_

#include <string>
#include <vector>

#include "model/prompt/class_words.h"
#include "model/prompt/scene_summary.h"

namespace mrmllm {

// Facts, computed from the detections, about the classes that a question names: a small language
// model copies well and counts badly. One sentence per class and image, the first named class first
// and at most 4 classes:
//
//   There are 2 dogs in the image.                         There is no dog in image 2.
//   There may be a cat in the image.                       (only unsure detections)
//   There are 3 animals in the image: 2 zebras and 1 dog.  (a hypernym)
std::vector<std::string> QuestionFacts(const std::vector<ClassMeaning>& asked,
                                       const std::vector<std::vector<ClassObjects>>& scenes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_FACTS_H_
