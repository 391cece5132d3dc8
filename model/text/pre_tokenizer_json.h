// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_PRE_TOKENIZER_JSON_H_
#define MRMLLM_MODEL_TEXT_PRE_TOKENIZER_JSON_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"

#include "model/text/pre_tokenizer.h"

namespace mrmllm {

// The `pre_tokenizer` of a tokenizer.json.
struct PreTokenizers {
  // Words are bytes, and the vocabulary spells bytes as printable characters; else both are plain
  // characters.
  bool byte_level = false;
  std::shared_ptr<const PreTokenizer> at_start;  // of text that begins the whole
  std::shared_ptr<const PreTokenizer> later;     // of text that follows an added token
};

// Understood: null (each text is one word), Metaspace, ByteLevel, and Digits, Split and ByteLevel
// in a Sequence with ByteLevel last.
//
// Thread-safety: safe. Ownership: the caller's.
// Errors: INVALID_ARGUMENT names the key and the value of anything else.
absl::StatusOr<PreTokenizers> ParsePreTokenizer(const nlohmann::json& json);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_PRE_TOKENIZER_JSON_H_
