// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TORCH_WARM_UP_H_
#define MRMLLM_SERVER_TORCH_WARM_UP_H_

#include "absl/status/status.h"
#include "server/engine.h"

namespace mrmllm {

// The largest steps that requests will make.
struct WarmUpSizes {
  int images = 8;
  int prompt_tokens = 512;
  int sequences = 16;
};

// Runs every kind of step with every number of images and sequences, the most parts of an image to
// look at again and the longest prompt, so that kernels are chosen and memory is touched before the
// first request and not during it. Less where the context or the key-value pool is smaller. Errors:
// of the first step that fails.
absl::Status WarmUp(Engine& engine, const WarmUpSizes& sizes);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TORCH_WARM_UP_H_
