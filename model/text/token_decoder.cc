// SPDX-License-Identifier: Apache-2.0
#include "model/text/token_decoder.h"

#include <utility>

#include "model/text/replace_text.h"
#include "model/text/utf8.h"

namespace mrmllm {

std::string TokenDecoder::Append(const TokenPiece& piece) {
  std::string text;
  if (piece.text.empty()) return text;
  if (rules_->byte_level) {
    AppendReplacingInvalidUtf8(std::exchange(held_back_, {}) + piece.text, text, &held_back_);
    return text;
  }
  const bool is_first = std::exchange(is_first_, false);
  if (piece.is_single_byte) {
    held_back_ += piece.text;
    return text;
  }
  text = EndOfRun();
  if (rules_->space_spelling.empty()) {
    text += piece.text;
  } else {
    const char* space = is_first && rules_->drop_in_first ? "" : " ";
    text += ReplaceText(piece.text, rules_->space_spelling, space);
  }
  return Stripped(std::move(text));
}

std::string TokenDecoder::Flush() {
  std::string text = rules_->byte_level ? ReplaceInvalidUtf8(held_back_) : Stripped(EndOfRun());
  *this = TokenDecoder(*rules_);
  return text;
}

std::string TokenDecoder::EndOfRun() {
  std::string run = std::exchange(held_back_, {});
  if (ReplaceInvalidUtf8(run) == run) return run;
  std::string replaced;
  for (size_t i = 0; i < run.size(); ++i) AppendUtf8(0xFFFD, replaced);
  return replaced;
}

std::string TokenDecoder::Stripped(std::string text) {
  while (begins_ && !text.empty()) {
    begins_ = stripped_count_ < rules_->strip_count && text.starts_with(rules_->stripped);
    if (!begins_) break;
    text.erase(0, rules_->stripped.size());
    ++stripped_count_;
  }
  return text;
}

}  // namespace mrmllm
