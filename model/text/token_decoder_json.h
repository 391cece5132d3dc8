// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TOKEN_DECODER_JSON_H_
#define MRMLLM_MODEL_TEXT_TOKEN_DECODER_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "model/text/token_decoder.h"

namespace mrmllm {

// The `decoder` of a tokenizer.json, parted into what is done to each token once, when the
// vocabulary is read, and the rules that are left.
struct DecoderJson {
  DecodingRules rules;
  std::vector<std::pair<std::string, std::string>> replacements;  // within each token, in order
  bool byte_fallback = false;  // tokens spelled <0x0A> are single bytes
};

// Understood: ByteLevel; Metaspace; a Sequence of Replace (texts, any number), ByteFallback, Fuse
// and Strip (from the start), in this order, any of them left out; Strip needs Fuse.
//
// Thread-safety: safe. Ownership: the caller's.
// Errors: INVALID_ARGUMENT names the key and the value of anything else.
absl::StatusOr<DecoderJson> ParseDecoder(const nlohmann::json& json);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKEN_DECODER_JSON_H_
