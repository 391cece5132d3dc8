// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_LOAD_H_
#define MRMLLM_MODEL_CHECKPOINT_LOAD_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "model/checkpoint/safetensors.h"
#include "torch/torch.h"

namespace mrmllm {

// Fills `module` with the tensors whose name is `prefix` + "." + its parameter's name: each is
// copied once, to `device` and in `dtype`. Without `dtype` they stay as they are stored, and on a
// CPU share the checkpoint's memory: for a user who makes something else of them.
//
// Strict in both directions: a parameter without tensor, a tensor under the prefix without
// parameter, a shape that differs and a value that is not finite are all errors. Parameters end up
// not requiring gradients.
//
// Errors: INVALID_ARGUMENT naming the first tensor that is missing, unexpected, mis-shaped or not
// finite, with expected and got, and how many there are of that kind.
absl::Status LoadParameters(torch::nn::Module& module, std::string_view prefix,
                            const TensorMap& tensors, std::optional<at::ScalarType> dtype,
                            at::Device device);

// Every tensor must lie under one of `prefixes`. Errors: INVALID_ARGUMENT naming the first that
// does not.
absl::Status CheckNoStrayTensors(const TensorMap& tensors,
                                 std::initializer_list<std::string_view> prefixes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_LOAD_H_
