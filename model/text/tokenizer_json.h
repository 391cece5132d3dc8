// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_
#define MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

#include "model/text/added_tokens.h"
#include "model/text/byte_pair_encoder.h"
#include "model/text/normalizer.h"
#include "model/text/pre_tokenizer.h"
#include "model/text/token_decoder.h"

namespace mrmllm {

// What a Hugging Face tokenizer.json says, checked.
//
// Understood: model BPE (merges as "a b" or ["a", "b"]) over a byte-level vocabulary, or over one
// of characters with or without byte_fallback, as the pre-tokenizer says; the normalizers,
// pre-tokenizers and decoders that normalizer_json.h, pre_tokenizer_json.h and token_decoder_json.h
// list; added tokens with all their flags. Truncation, padding and the post-processor are not
// tokenization in our sense (they would cut, pad or frame a text) and are left to the caller.
struct TokenizerJson {
  std::vector<TokenPiece> pieces;  // by id
  DecodingRules decoding;
  BytePairEncoder::BaseTokens base_tokens;
  std::vector<BytePairEncoder::Merge> merges;
  absl::flat_hash_map<std::string, int32_t> whole_words;  // filled for "ignore_merges" only
  std::vector<AddedToken> added_tokens;
  std::vector<AddedToken> normalized_tokens;     // those matched in normalized text, as found there
  std::unique_ptr<const Normalizer> normalizer;  // null: none
  std::shared_ptr<const PreTokenizer> pre_tokenizer_at_start;
  std::shared_ptr<const PreTokenizer> pre_tokenizer_later;  // of text that follows an added token
};

// INVALID_ARGUMENT names `name`, the key and the value for anything that is missing, malformed or
// not understood, and for a merge that would make a special token out of plain text.
absl::StatusOr<TokenizerJson> ParseTokenizerJson(std::string_view json, std::string_view name);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_
