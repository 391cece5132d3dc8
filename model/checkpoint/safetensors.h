// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_H_
#define MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "torch/torch.h"

namespace mrmllm {

// Tensors by checkpoint name.
using TensorMap = std::map<std::string, at::Tensor>;

// Maps a safetensors file: CPU tensors in the file's dtypes that share its mapped memory and keep
// it mapped.
//
// Errors: NOT_FOUND for the file; INVALID_ARGUMENT with the path for a header that is not sound, or
// a dtype that the model has no use for.
absl::StatusOr<TensorMap> MapSafetensors(const std::string& path);

// Maps `model.safetensors`, or the shards that `model.safetensors.index.json` names, in
// `directory`.
//
// Errors: as above; also INVALID_ARGUMENT for an index that names a file outside the directory, or
// disagrees with its shards.
absl::StatusOr<TensorMap> MapCheckpoint(const std::string& directory);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_H_
