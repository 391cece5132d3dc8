// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_NORMALIZER_JSON_H_
#define MRMLLM_MODEL_TEXT_NORMALIZER_JSON_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"

#include "model/text/normalizer.h"

namespace mrmllm {

// The `normalizer` of a tokenizer.json: null (a null pointer comes back), NFC, NFD, NFKC, NFKD,
// Prepend, Replace, or a Sequence of them.
//
// Thread-safety: safe. Ownership: the caller's.
// Errors: INVALID_ARGUMENT names the key and the value of anything else.
absl::StatusOr<std::unique_ptr<const Normalizer>> ParseNormalizer(const nlohmann::json& json);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_NORMALIZER_JSON_H_
