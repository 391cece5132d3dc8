// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_
#define MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

#include "model/text/added_tokens.h"
#include "model/text/byte_pair_encoder.h"
#include "model/text/pre_tokenizer.h"

namespace mrmllm {

// What a Hugging Face tokenizer.json says, checked and with the vocabulary spelled in bytes.
//
// Understood: model BPE (merges as "a b" or ["a", "b"]); pre-tokenizers ByteLevel, Digits, Split
// and Sequence with ByteLevel last; normalizers null and NFC; decoder ByteLevel; added tokens with
// all their flags. Truncation, padding and the post-processor are not tokenization in our sense
// (they would cut, pad or frame a text) and are left to the caller.
struct TokenizerJson {
  std::vector<std::string> token_bytes;  // by id; added tokens by their content
  std::array<int32_t, 256> token_of_byte;
  std::vector<BytePairEncoder::Merge> merges;
  absl::flat_hash_map<std::string, int32_t> whole_words;  // filled for "ignore_merges" only
  std::vector<AddedToken> added_tokens;
  std::unique_ptr<const PreTokenizer> pre_tokenizer;
  bool normalize_nfc = false;
};

// INVALID_ARGUMENT names `name`, the key and the value for anything that is missing, malformed or
// not understood, and for a merge that would make a special token out of plain text.
absl::StatusOr<TokenizerJson> ParseTokenizerJson(std::string_view json, std::string_view name);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKENIZER_JSON_H_
