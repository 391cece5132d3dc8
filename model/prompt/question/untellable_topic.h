// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_UNTELLABLE_TOPIC_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_UNTELLABLE_TOPIC_H_

#include <optional>
#include <string>
#include <vector>

namespace mrmllm {

// Something that boxes, classes and colors do not tell: actions, feelings, names, times, text,
// reasons.
struct UntellableTopic {
  // For "... cannot be told from the image.": "The weather", or the verb phrase after "What the
  // dog is", as "doing" (is_action).
  std::string words;
  bool is_action = false;
  bool of_image = false;  // speaks of the image even if no word else does: "What is happening?"
};

// nullopt if the question asks for nothing of the kind. `words`: of WordsOf.
std::optional<UntellableTopic> FindUntellableTopic(const std::vector<std::string>& words);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_UNTELLABLE_TOPIC_H_
