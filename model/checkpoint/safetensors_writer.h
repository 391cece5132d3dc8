// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_WRITER_H_
#define MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_WRITER_H_

#include <string>

#include "absl/status/status.h"

#include "model/checkpoint/safetensors.h"

namespace mrmllm {

// Writes the tensors, in their dtypes and by name, to a safetensors file. A reader of `path` sees
// the old file or the new one, never a part: the bytes are on the disk before they take its place.
//
// Errors: INVALID_ARGUMENT for a dtype that MapSafetensors does not read; INTERNAL with the path
// and the system's reason.
absl::Status WriteSafetensors(const std::string& path, const TensorMap& tensors);

// Text in the same way.
absl::Status WriteFileAtomically(const std::string& path, const std::string& content);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_WRITER_H_
