// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_
#define MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// What some chat templates need beyond a prefix and a suffix for each role; optional keys of a
// bundle's `prompt.chat_template`.
struct ChatExtras {
  enum class SystemPlace { kOwnTurn, kFirstUser, kLastUser };

  // Opens a conversation that has no system turn of its own.
  std::string without_system;
  // Inside a user's turn, prefix, text and suffix of the system stand before the user's text.
  SystemPlace system_place = SystemPlace::kOwnTurn;
  // Roles whose texts lose the white space around them; a user's together with what stands in it.
  std::vector<std::string> trim;
  // Accepts that only plain text stands between a user's turn and the answer: the model was trained
  // so, and a user who writes it speaks for the model in the rest of the own conversation.
  bool plain_turns = false;

  bool operator==(const ChatExtras&) const = default;
  bool Trims(std::string_view role) const {
    return std::find(trim.begin(), trim.end(), role) != trim.end();
  }
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_
