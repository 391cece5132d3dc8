// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_CONVERSATION_H_
#define MRMLLM_MODEL_PROMPT_CONVERSATION_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

#include "base/dialogue.h"

namespace mrmllm {

// What a question is asked with.
struct ConversationInput {
  absl::Span<const Turn> turns;  // before the question; may begin with the caller's system turn
  std::string question;
  std::string perception;  // of PerceptionPrompt; empty for none
  std::string system;      // the bundle's instruction for answers from a perception prompt
};

// The turns that the language model reads: the bundle's instruction first, if there is a perception
// prompt and the caller gave no instruction, and the perception prompt before the question. Served
// and trained on alike. Errors: none.
std::vector<Turn> ComposeConversation(const ConversationInput& input);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_CONVERSATION_H_
