// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_MLP_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_MLP_H_

#include <torch/torch.h>

#include "model/language/layers/projection.h"

namespace mrmllm {

// SwiGLU feed-forward: down(silu(gate(x)) * up(x)).
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(int64_t width, int64_t intermediate);

  // Fuses gate and up. Call once, after the parameters are loaded.
  void Prepare();

  // residual [N, D] += mlp(x [N, D]).
  void ForwardOnto(at::Tensor& residual, const at::Tensor& x) const;

 private:
  Projection gate_proj{nullptr};
  Projection up_proj{nullptr};
  Projection down_proj{nullptr};
  at::Tensor gate_up_weight_;  // [2 * intermediate, width]
};
TORCH_MODULE(Mlp);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_MLP_H_
