// SPDX-License-Identifier: Apache-2.0
#include "model/text/chat_template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "model/text/chat_extras.h"
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
    const std::vector<int32_t> ids = tokenizer_.Encode(plain_);
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
  const auto [system_prefix, extras] = UnpackChatExtras(config.system.prefix);
  ASSIGN_OR_RETURN(chat.without_system_, chat.Compile(extras.without_system, "without_system"));
  chat.trim_ = extras.trim;
  ASSIGN_OR_RETURN(chat.system_, chat.CompileRole({system_prefix, config.system.suffix}, "system"));
  ASSIGN_OR_RETURN(chat.user_, chat.CompileRole(config.user, "user"));
  ASSIGN_OR_RETURN(chat.assistant_, chat.CompileRole(config.assistant, "assistant"));
  ASSIGN_OR_RETURN(chat.generation_prefix_,
                   chat.Compile(config.generation_prefix, "generation_prefix"));
  const auto is_special = [](const Part& part) { return part.token_id != TextSegment::kPlainText; };
  if (std::none_of(chat.user_.suffix.begin(), chat.user_.suffix.end(), is_special) &&
      std::none_of(chat.assistant_.prefix.begin(), chat.assistant_.prefix.end(), is_special)) {
    return absl::InvalidArgumentError(
        absl::StrCat("chat_template.user.suffix: expected a special token of the tokenizer, got '",
                     config.user.suffix, "'"));
  }
  return chat;
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

std::vector<int32_t> ChatTemplate::Render(absl::Span<const Turn> turns,
                                          bool add_generation_prefix) const {
  Writer writer(*tokenizer_);
  if (turns.empty() || turns.front().role != Turn::Role::kSystem) writer.AddParts(without_system_);
  for (const Turn& turn : turns) {
    const Role& role = RoleOf(turn);
    writer.AddParts(role.prefix);
    writer.AddPlain(trim_ ? TrimWhiteSpace(turn.text) : std::string_view(turn.text));
    writer.AddParts(role.suffix);
  }
  if (add_generation_prefix) writer.AddParts(generation_prefix_);
  return writer.Finish();
}

}  // namespace mrmllm
