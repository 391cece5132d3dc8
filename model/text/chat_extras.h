// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_
#define MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_

#include <string>
#include <string_view>
#include <utility>

namespace mrmllm {

// What some chat templates need beyond a prefix and a suffix for each role; optional keys of a
// bundle's `prompt.chat_template`.
struct ChatExtras {
  std::string without_system;  // opens a conversation that has no system turn
  bool trim = false;           // turns lose the white space around them

  bool operator==(const ChatExtras&) const = default;
};

// They travel in `ChatTemplateConfig::system.prefix`, behind a NUL byte, which no template's text
// may hold: a prefix without extras stays as it is.
//
//   config.system.prefix = PackChatExtras("<|im_start|>system\n", {.trim = true});
//   auto [prefix, extras] = UnpackChatExtras(config.system.prefix);
//
// Thread-safety: plain functions. Errors: none.
inline std::string PackChatExtras(std::string_view system_prefix, const ChatExtras& extras) {
  std::string packed(system_prefix);
  if (extras != ChatExtras{}) {
    packed += '\0';
    packed += extras.trim ? 't' : '-';
    packed += extras.without_system;
  }
  return packed;
}

inline std::pair<std::string, ChatExtras> UnpackChatExtras(std::string_view packed) {
  const size_t end = packed.find('\0');
  ChatExtras extras;
  if (end != std::string_view::npos && end + 1 < packed.size()) {
    extras.trim = packed[end + 1] == 't';
    extras.without_system = packed.substr(end + 2);
  }
  return {std::string(packed.substr(0, end)), std::move(extras)};
}

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_CHAT_EXTRAS_H_
