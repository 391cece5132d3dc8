// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_DEVICE_H_
#define MRMLLM_MODEL_DEVICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "torch/torch.h"

namespace mrmllm {

// The device that a setting names: "cpu" or "cuda:N" ("cuda" is "cuda:0"). The program links
// libtorch's CPU half only; the CUDA half is loaded here, when it is asked for, so that one binary
// serves both.
//
// Thread-safety: safe for concurrent use; loading happens once.
// Errors: INVALID_ARGUMENT for another word; UNAVAILABLE when the CUDA half, the driver or that
// device is missing, saying which.
absl::StatusOr<at::Device> OpenDevice(const std::string& name);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_DEVICE_H_
