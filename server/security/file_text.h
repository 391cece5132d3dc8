// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_FILE_TEXT_H_
#define MRMLLM_SERVER_SECURITY_FILE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace mrmllm {

// The content of a file that a person or a secret store wrote.
// Errors: NOT_FOUND when it cannot be read, INVALID_ARGUMENT when it is larger than `max_bytes`;
// both name the path.
absl::StatusOr<std::string> ReadFileText(const std::string& path, size_t max_bytes);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_FILE_TEXT_H_
