// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_JSON_TEXT_H_
#define MRMLLM_MODEL_JSON_TEXT_H_

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace mrmllm {

// How deep objects and arrays of a bundle's files may lie within each other. None needs ten; what
// prints or compares a value calls itself for every level, and so must have an end.
inline constexpr int kMaxJsonDepth = 64;

// Parses JSON that nobody vouches for.
//
// Thread-safety: safe. Errors: INVALID_ARGUMENT for what is no JSON or nested deeper.
absl::StatusOr<nlohmann::json> ParseJson(std::string_view text);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_JSON_TEXT_H_
