// SPDX-License-Identifier: Apache-2.0
#include "model/text/chat_extras.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace mrmllm {
namespace {

constexpr char kEnd = '\0';
constexpr char kPlainTurns = 'p';

}  // namespace

// After the prefix: the place, whether turns are plain, the trimmed roles, the opening.
std::string PackChatExtras(std::string_view system_prefix, const ChatExtras& extras) {
  std::string packed(system_prefix);
  if (extras == ChatExtras{}) return packed;
  packed += kEnd;
  packed += static_cast<char>(extras.system_place);
  packed += extras.plain_turns ? kPlainTurns : '-';
  packed += absl::StrJoin(extras.trim, ",");
  packed += kEnd;
  packed += extras.without_system;
  return packed;
}

std::pair<std::string, ChatExtras> UnpackChatExtras(std::string_view packed) {
  ChatExtras extras;
  const size_t prefix_end = packed.find(kEnd);
  if (prefix_end == std::string_view::npos) return {std::string(packed), extras};
  const std::string_view rest = packed.substr(prefix_end + 1);
  const size_t flags_end = rest.find(kEnd);
  if (flags_end == std::string_view::npos || flags_end < 2) return {std::string(packed), extras};
  extras.system_place = static_cast<ChatExtras::SystemPlace>(rest[0]);
  extras.plain_turns = rest[1] == kPlainTurns;
  const std::string roles(rest.substr(2, flags_end - 2));
  extras.trim = absl::StrSplit(roles, ',', absl::SkipEmpty());
  extras.without_system = rest.substr(flags_end + 1);
  return {std::string(packed.substr(0, prefix_end)), std::move(extras)};
}

}  // namespace mrmllm
