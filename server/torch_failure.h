// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TORCH_FAILURE_H_
#define MRMLLM_SERVER_TORCH_FAILURE_H_

#include <exception>

#include "absl/status/status.h"

namespace mrmllm {

// What it means that libtorch threw `error` in `step` ("prefill"):
//
//   RESOURCE_EXHAUSTED  memory ran out, on the device or beside it; a smaller step may succeed
//   UNAVAILABLE         the device reported an error after which no call of this process on it
//                       succeeds (an illegal access, a launch that failed, a lost device)
//   INTERNAL            anything else: wrong inputs, a bug
absl::Status FailureStatus(const char* step, const std::exception& error);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TORCH_FAILURE_H_
