// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_ADDED_TOKENS_H_
#define MRMLLM_MODEL_TEXT_ADDED_TOKENS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// A token that is matched in the text as a whole, before the text is split into words. Members as
// in a tokenizer.json.
struct AddedToken {
  int32_t id = 0;
  std::string content;  // not empty
  bool special = false;
  bool normalized = false;   // matched in the normalized text instead of in the raw one
  bool lstrip = false;       // takes the white space on its left with it
  bool rstrip = false;       // and on its right
  bool single_word = false;  // matches only where no word character touches it
};

// A part of a text: an added token, or plain text still to be encoded.
struct TextSegment {
  static constexpr int32_t kPlainText = -1;
  int32_t token_id = kPlainText;
  std::string_view text;  // of the text that was split; for a token with the white space it took
};

// Finds added tokens in a text: from left to right, the longest one first.
//
// Thread-safety: immutable after construction; any thread.
// Ownership: owns its tokens; the segments point into the text that was given.
// Errors: none.
class AddedTokens {
 public:
  AddedTokens() = default;
  explicit AddedTokens(std::vector<AddedToken> tokens);

  // Splits `text` (valid UTF-8) at the tokens; with `match_special` false, special ones are treated
  // as plain text. No segment is empty.
  std::vector<TextSegment> Split(std::string_view text, bool match_special) const;

  const std::vector<AddedToken>& tokens() const { return tokens_; }

 private:
  const AddedToken* LongestAt(std::string_view text) const;

  std::vector<AddedToken> tokens_;  // longest first
  std::array<bool, 256> begins_token_{};
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_ADDED_TOKENS_H_
