// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_DIALOGUE_H_
#define MRMLLM_BASE_DIALOGUE_H_

#include <string>

namespace mrmllm {

// One turn of a conversation.
struct Turn {
  enum class Role { kSystem, kUser, kAssistant };
  Role role = Role::kUser;
  std::string text;

  bool operator==(const Turn&) const = default;
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_DIALOGUE_H_
