// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_JSON_MEMBER_H_
#define MRMLLM_MODEL_TEXT_JSON_MEMBER_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mrmllm {

// Members of the objects of a tokenizer.json, and what to say where they are not as expected. Only
// for the sources that read that file.
//
// Thread-safety: safe. Ownership: nothing; what Member returns lives as long as `object`.
// Errors: INVALID_ARGUMENT that names the key, what was expected and what came instead.

// "'key': expected ..., got ...", with the value cut to a readable length.
absl::Status Unexpected(const std::string& key, const std::string& expected,
                        const nlohmann::json& came);

// The member `name` of `object`, or null where it is absent or `object` is no object.
const nlohmann::json& Member(const nlohmann::json& object, const char* name);

// The member as a boolean, `absent` where it is absent or null. `where` is the object's own key.
absl::StatusOr<bool> BoolMember(const nlohmann::json& object, const std::string& where,
                                const char* name, bool absent);

// The member as a text that is not empty.
absl::StatusOr<std::string> TextMember(const nlohmann::json& object, const std::string& where,
                                       const char* name);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_JSON_MEMBER_H_
