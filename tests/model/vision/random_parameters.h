// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_VISION_RANDOM_PARAMETERS_H_
#define MRMLLM_TESTS_MODEL_VISION_RANDOM_PARAMETERS_H_

#include <torch/torch.h>

#include <cmath>

namespace mrmllm {

// Seeded weights whose outputs neither vanish nor explode through many layers.
inline void FillWithRandomParameters(torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(20261123);
  for (at::Tensor& parameter : module.parameters()) {
    const double fan_in = static_cast<double>(parameter.numel()) / parameter.size(0);
    parameter.normal_(0, parameter.dim() > 1 ? std::sqrt(2 / fan_in) : 0.1);
  }
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_VISION_RANDOM_PARAMETERS_H_
