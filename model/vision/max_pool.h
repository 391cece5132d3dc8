// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_MAX_POOL_H_
#define MRMLLM_MODEL_VISION_MAX_POOL_H_

#include <torch/torch.h>

namespace mrmllm {

// The largest of each 3 x 3, every second row and column: [B, C, h, w] -> [B, C, (h + 1) / 2,
// (w + 1) / 2]. Channels last in bfloat16 on a CPU it is our own pass, several times libtorch's
// speed; else it is libtorch's. Thread-safety: safe.
at::Tensor MaxPool(const at::Tensor& x);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_MAX_POOL_H_
