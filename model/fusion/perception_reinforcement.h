// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_PERCEPTION_REINFORCEMENT_H_
#define MRMLLM_MODEL_FUSION_PERCEPTION_REINFORCEMENT_H_

#include <torch/torch.h>

#include <vector>

#include "model/config.h"
#include "model/language/layers/projection.h"

namespace mrmllm {

// Comprehension reinforces perception: Vf_p' = Vf_p + gate * attend(Vf_p, Q_shared), every place of
// every level reading the shared queries, one gate a level.
//
// A level whose gate is exactly 0 is closed: it is returned untouched, which is bit for bit what
// computing it would give.
class PerceptionReinforcementImpl : public torch::nn::Module {
 public:
  explicit PerceptionReinforcementImpl(const ModelConfig& config);

  // Reads the gates. Call once, after the parameters are loaded.
  void Prepare();

  bool closed() const;  // at every level
  void set_compute_closed_paths(bool compute) { compute_closed_paths_ = compute; }

  // perception Vf_p, one [B, D_p, h, w] a level; q_shared [B, K, D] -> Vf_p', the same shapes.
  std::vector<at::Tensor> forward(const std::vector<at::Tensor>& perception,
                                  const at::Tensor& q_shared) const;

 private:
  Projection q_proj{nullptr};
  Projection k_proj{nullptr};
  Projection v_proj{nullptr};
  Projection o_proj{nullptr};
  at::Tensor gate;  // [levels]
  std::vector<bool> open_;
  bool compute_closed_paths_ = false;
  int64_t heads_;
};
TORCH_MODULE(PerceptionReinforcement);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_PERCEPTION_REINFORCEMENT_H_
