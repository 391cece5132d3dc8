// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_CHAT_TEMPLATE_H_
#define MRMLLM_MODEL_TEXT_CHAT_TEMPLATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "base/dialogue.h"
#include "model/config.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// Renders a conversation into the token ids that the language model was trained on. Special tokens
// come only from the template's own text: a turn's text is plain, so nothing a user writes can open
// or close a turn.
//
//   ASSIGN_OR_RETURN(ChatTemplate chat, ChatTemplate::Create(config.prompt.chat_template,
//   tokenizer)); std::vector<int32_t> ids = chat.Render(turns, /*add_generation_prefix=*/true);
//
// The ids are those of the whole rendered string as a Hugging Face tokenizer gives them: plain text
// of the template and the turn that touch ("user\n" and the question) are encoded together.
//
// Thread-safety: immutable; any thread.
// Ownership: shares the tokenizer.
// Errors: Create returns INVALID_ARGUMENT for template text that is not valid UTF-8, a user turn
// without any special token, which would leave nothing between a user's text and the template
// (unless the template says `plain_turns`), and special tokens in a system text that stands inside
// a user's turn.
class ChatTemplate {
 public:
  static absl::StatusOr<ChatTemplate> Create(const ChatTemplateConfig& config,
                                             std::shared_ptr<const Tokenizer> tokenizer);

  // `add_generation_prefix`: end with what opens the assistant's answer.
  std::vector<int32_t> Render(absl::Span<const Turn> turns, bool add_generation_prefix) const;

 private:
  // A part of template text: a special token (token_id) or plain text.
  struct Part {
    int32_t token_id;
    std::string text;
  };
  struct Role {
    std::vector<Part> prefix;
    std::vector<Part> suffix;
  };
  class Writer;

  explicit ChatTemplate(std::shared_ptr<const Tokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)) {}
  absl::StatusOr<std::vector<Part>> Compile(std::string_view text, const std::string& key) const;
  absl::StatusOr<Role> CompileRole(const ChatTemplateConfig::Role& role,
                                   const std::string& key) const;
  absl::Status CheckBoundaries(const ChatTemplateConfig& config) const;
  const Role& RoleOf(const Turn& turn) const;
  std::string_view Trimmed(const Turn& turn) const;
  // The turns without a system turn, whose text went into a user's.
  std::vector<Turn> WithSystemInUser(absl::Span<const Turn> turns) const;

  std::shared_ptr<const Tokenizer> tokenizer_;
  ChatExtras extras_;
  std::vector<Part> without_system_;
  Role system_;
  ChatTemplateConfig::Role system_text_;  // what system_ was compiled of, for inside a user's turn
  Role user_;
  Role assistant_;
  std::vector<Part> generation_prefix_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_CHAT_TEMPLATE_H_
