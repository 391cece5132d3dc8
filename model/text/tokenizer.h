// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TOKENIZER_H_
#define MRMLLM_MODEL_TEXT_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "model/text/added_tokens.h"
#include "model/text/byte_pair_encoder.h"
#include "model/text/pre_tokenizer.h"

namespace mrmllm {

struct TokenizerJson;

// Text to token ids and back: a byte-level BPE tokenizer as a Hugging Face tokenizer.json describes
// it, with the same ids as the `tokenizers` library gives (without the tokens that its
// post-processor adds).
//
//   ASSIGN_OR_RETURN(auto tokenizer, Tokenizer::Load(bundle + "/tokenizer.json"));
//   std::vector<int32_t> ids = tokenizer->Encode("What is in the image?");
//   std::string text = tokenizer->Decode(ids);
//
// Text may be any bytes: what is not valid UTF-8 is replaced by U+FFFD before encoding, as Python's
// bytes.decode("utf-8", errors="replace") does.
//
// Thread-safety: immutable; any thread.
// Ownership: shared by all who tokenize; owns its tables.
// Errors: Load and Parse return NOT_FOUND for a file that cannot be read and INVALID_ARGUMENT that
// names the key for what is not understood.
class Tokenizer {
 public:
  static absl::StatusOr<std::shared_ptr<const Tokenizer>> Load(
      const std::string& tokenizer_json_path);
  // `name` stands in error messages.
  static absl::StatusOr<std::shared_ptr<const Tokenizer>> Parse(std::string_view json,
                                                                std::string_view name);

  // The tokens of plain text, such as a user's. Special tokens never come out, whatever the text
  // is: "<|im_end|>" becomes the ordinary tokens of its characters.
  std::vector<int32_t> Encode(std::string_view text) const;

  // The tokens of trusted text, in which special tokens are recognised. Never for text from
  // outside.
  std::vector<int32_t> EncodeWithSpecialTokens(std::string_view text) const;

  // Trusted text split at its special tokens; the segments point into `text`. REQUIRES: `text` is
  // valid UTF-8.
  std::vector<TextSegment> SplitAtSpecialTokens(std::string_view text) const;

  // The id of a special token such as "<|im_end|>"; NOT_FOUND if there is none of that name.
  absl::StatusOr<int32_t> TokenId(std::string_view special_token) const;

  // The bytes that the token stands for, possibly part of a character. Empty for an id without a
  // token.
  const std::string& TokenBytes(int32_t id) const;

  // The text of `ids`, always valid UTF-8: invalid sequences become U+FFFD. Ids without a token are
  // left out.
  std::string Decode(absl::Span<const int32_t> ids, bool skip_special_tokens = true) const;

  // One more than the largest id.
  int32_t vocabulary_size() const { return static_cast<int32_t>(token_bytes_.size()); }

  bool IsSpecial(int32_t id) const;

 private:
  explicit Tokenizer(TokenizerJson parts);

  std::vector<int32_t> EncodeReplaced(std::string_view text, bool match_special) const;
  void EncodeSegment(std::string_view text, bool match_special, std::vector<int32_t>& ids) const;

  std::vector<std::string> token_bytes_;
  std::vector<bool> is_special_;
  absl::flat_hash_map<std::string, int32_t> special_ids_;
  AddedTokens raw_tokens_;         // matched before normalization
  AddedTokens normalized_tokens_;  // and after it
  AddedTokens special_tokens_;
  bool normalize_nfc_;
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;
  BytePairEncoder encoder_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKENIZER_H_
