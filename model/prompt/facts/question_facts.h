// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_QUESTION_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_QUESTION_FACTS_H_

#include <string>
#include <vector>

#include "model/prompt/question/asked_question.h"
#include "model/prompt/scene_summary.h"

namespace mrmllm {

// Facts, computed from the detections, that answer a question or help to: a small language model
// copies well, and counts and compares badly. One sentence per class (or pair of classes) and
// image, the first named class first and at most 4 classes; each kind in a file of its own.
//
// A question for existence, and one for a yes or a no about relations, regions, sizes and colors,
// gets facts that begin with "Yes, " or "No, ". What detections do not tell is said to be so: "What
// the dog is doing cannot be told from the image." A general question gets none.
std::vector<std::string> QuestionFacts(const AskedQuestion& question,
                                       const std::vector<std::vector<ClassObjects>>& scenes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_QUESTION_FACTS_H_
