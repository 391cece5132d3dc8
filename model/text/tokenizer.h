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
#include "model/text/normalizer.h"
#include "model/text/pre_tokenizer.h"
#include "model/text/token_decoder.h"

namespace mrmllm {

struct TokenizerJson;

// Text to token ids and back: a BPE tokenizer, byte-level or of characters that fall back to bytes,
// as a Hugging Face tokenizer.json describes it, with the same ids as the `tokenizers` library
// gives (without the tokens that its post-processor adds).
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
  // is: "<|im_end|>" becomes the ordinary tokens of its characters. `begins_text`: nothing, not
  // even a special token, comes before; only then do some tokenizers put a space in front.
  std::vector<int32_t> Encode(std::string_view text, bool begins_text = true) const;

  // The tokens of trusted text, in which special tokens are recognised. Never for text from
  // outside.
  std::vector<int32_t> EncodeWithSpecialTokens(std::string_view text) const;

  // Trusted text split at its special tokens; the segments point into `text`. REQUIRES: `text` is
  // valid UTF-8.
  std::vector<TextSegment> SplitAtSpecialTokens(std::string_view text) const;

  // The id of a special token such as "<|im_end|>"; NOT_FOUND if there is none of that name.
  absl::StatusOr<int32_t> TokenId(std::string_view special_token) const;

  // What the token adds to text, for a TokenDecoder under decoding_rules(). Empty for an id without
  // a token.
  const TokenPiece& Piece(int32_t id) const;
  const DecodingRules& decoding_rules() const { return decoding_rules_; }

  // The text of `ids`, always valid UTF-8: invalid sequences become U+FFFD. Ids without a token are
  // left out.
  std::string Decode(absl::Span<const int32_t> ids, bool skip_special_tokens = true) const;

  // One more than the largest id.
  int32_t vocabulary_size() const { return static_cast<int32_t>(pieces_.size()); }

  bool IsSpecial(int32_t id) const;

 private:
  explicit Tokenizer(TokenizerJson parts);

  std::vector<int32_t> EncodeReplaced(std::string_view text, bool match_special,
                                      bool begins_text) const;
  void EncodeSegment(std::string_view text, bool match_special, bool begins_text,
                     std::vector<int32_t>& ids) const;

  std::vector<TokenPiece> pieces_;  // by id
  DecodingRules decoding_rules_;
  std::vector<bool> is_special_;
  absl::flat_hash_map<std::string, int32_t> special_ids_;
  AddedTokens raw_tokens_;         // matched before normalization
  AddedTokens normalized_tokens_;  // and after it
  AddedTokens special_tokens_;
  std::unique_ptr<const Normalizer> normalizer_;  // null: none
  std::shared_ptr<const PreTokenizer> pre_tokenizer_at_start_;
  std::shared_ptr<const PreTokenizer> pre_tokenizer_later_;
  BytePairEncoder encoder_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKENIZER_H_
