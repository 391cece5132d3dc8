// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/conversation.h"

namespace mrmllm {

std::vector<Turn> ComposeConversation(const ConversationInput& input) {
  std::vector<Turn> turns(input.turns.begin(), input.turns.end());
  const bool own_system = !turns.empty() && turns.front().role == Turn::Role::kSystem;
  if (!own_system && !input.perception.empty()) {
    turns.insert(turns.begin(), {Turn::Role::kSystem, input.system});
  }
  turns.push_back({Turn::Role::kUser, input.perception + input.question});
  return turns;
}

}  // namespace mrmllm
