// SPDX-License-Identifier: Apache-2.0
#include "model/text/chat_template.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "base/string_views.h"
#include "model/text/trim_white_space.h"
#include "model/text/utf8.h"

namespace mrmllm {

// Gathers plain text up to the next special token, so that pieces which touch are encoded as one.
class ChatTemplate::Writer {
 public:
  explicit Writer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void AddPlain(std::string_view text) { plain_.append(text); }

  void AddParts(const std::vector<Part>& parts) {
    for (const Part& part : parts) {
      if (part.token_id == TextSegment::kPlainText) {
        AddPlain(part.text);
      } else {
        EncodePlain();
        ids_.push_back(part.token_id);
      }
    }
  }

  std::vector<int32_t> Finish() {
    EncodePlain();
    return std::move(ids_);
  }

 private:
  void EncodePlain() {
    const std::vector<int32_t> ids = tokenizer_.Encode(plain_, /*begins_text=*/ids_.empty());
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    plain_.clear();
  }

  const Tokenizer& tokenizer_;
  std::string plain_;
  std::vector<int32_t> ids_;
};

absl::StatusOr<std::vector<ChatTemplate::Part>> ChatTemplate::Compile(
    std::string_view text, const std::string& key) const {
  if (ReplaceInvalidUtf8(text) != text) {
    return absl::InvalidArgumentError(
        absl::StrCat("chat_template.", key, ": expected UTF-8, got other bytes"));
  }
  std::vector<Part> parts;
  for (const TextSegment& segment : tokenizer_->SplitAtSpecialTokens(text)) {
    parts.push_back({segment.token_id, std::string(segment.text)});
  }
  return parts;
}

absl::StatusOr<ChatTemplate::Role> ChatTemplate::CompileRole(const ChatTemplateConfig::Role& role,
                                                             const std::string& key) const {
  Role compiled;
  ASSIGN_OR_RETURN(compiled.prefix, Compile(role.prefix, absl::StrCat(key, ".prefix")));
  ASSIGN_OR_RETURN(compiled.suffix, Compile(role.suffix, absl::StrCat(key, ".suffix")));
  return compiled;
}

absl::StatusOr<ChatTemplate> ChatTemplate::Create(const ChatTemplateConfig& config,
                                                  std::shared_ptr<const Tokenizer> tokenizer) {
  ChatTemplate chat(std::move(tokenizer));
  chat.extras_ = config.extras;
  chat.system_text_ = config.system;
  ASSIGN_OR_RETURN(chat.without_system_,
                   chat.Compile(config.extras.without_system, "without_system"));
  ASSIGN_OR_RETURN(chat.system_, chat.CompileRole(config.system, "system"));
  ASSIGN_OR_RETURN(chat.user_, chat.CompileRole(config.user, "user"));
  ASSIGN_OR_RETURN(chat.assistant_, chat.CompileRole(config.assistant, "assistant"));
  ASSIGN_OR_RETURN(chat.generation_prefix_,
                   chat.Compile(config.generation_prefix, "generation_prefix"));
  RETURN_IF_ERROR(chat.CheckBoundaries(config));
  return chat;
}

absl::Status ChatTemplate::CheckBoundaries(const ChatTemplateConfig& config) const {
  const auto has_special = [](const std::vector<Part>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [](const Part& part) { return part.token_id != TextSegment::kPlainText; });
  };
  if (!extras_.plain_turns && !has_special(user_.suffix) && !has_special(assistant_.prefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("chat_template.user.suffix: expected a special token of the tokenizer, got '",
                     config.user.suffix, "'"));
  }
  if (extras_.system_place != ChatExtras::SystemPlace::kOwnTurn &&
      (has_special(system_.prefix) || has_special(system_.suffix))) {
    return absl::InvalidArgumentError(
        "chat_template.system: expected plain text inside a user's turn, got a special token");
  }
  return absl::OkStatus();
}

const ChatTemplate::Role& ChatTemplate::RoleOf(const Turn& turn) const {
  switch (turn.role) {
    case Turn::Role::kSystem:
      return system_;
    case Turn::Role::kAssistant:
      return assistant_;
    case Turn::Role::kUser:
      break;
  }
  return user_;
}

std::string_view ChatTemplate::Trimmed(const Turn& turn) const {
  const char* role = turn.role == Turn::Role::kSystem ? "system"
                     : turn.role == Turn::Role::kUser ? "user"
                                                      : "assistant";
  return extras_.Trims(role) ? TrimWhiteSpace(turn.text) : std::string_view(turn.text);
}

std::vector<Turn> ChatTemplate::WithSystemInUser(absl::Span<const Turn> turns) const {
  std::vector<Turn> result(turns.begin() + 1, turns.end());
  const auto is_user = [](const Turn& turn) { return turn.role == Turn::Role::kUser; };
  auto user = std::find_if(result.begin(), result.end(), is_user);
  if (extras_.system_place == ChatExtras::SystemPlace::kLastUser) {
    const auto last = std::find_if(result.rbegin(), result.rend(), is_user);
    if (last != result.rend()) user = std::prev(last.base());
  }
  if (user != result.end()) {
    user->text = absl::StrCat(system_text_.prefix, AbslView(Trimmed(turns.front())),
                              system_text_.suffix, user->text);
  }
  return result;
}

std::vector<int32_t> ChatTemplate::Render(absl::Span<const Turn> turns,
                                          bool add_generation_prefix) const {
  const bool has_system = !turns.empty() && turns.front().role == Turn::Role::kSystem;
  if (has_system && extras_.system_place != ChatExtras::SystemPlace::kOwnTurn) {
    return Render(WithSystemInUser(turns), add_generation_prefix);
  }
  Writer writer(*tokenizer_);
  if (!has_system) writer.AddParts(without_system_);
  for (const Turn& turn : turns) {
    const Role& role = RoleOf(turn);
    writer.AddParts(role.prefix);
    writer.AddPlain(Trimmed(turn));
    writer.AddParts(role.suffix);
  }
  if (add_generation_prefix) writer.AddParts(generation_prefix_);
  return writer.Finish();
}

}  // namespace mrmllm
