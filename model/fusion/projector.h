// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_PROJECTOR_H_
#define MRMLLM_MODEL_FUSION_PROJECTOR_H_

#include <torch/torch.h>

#include "model/language/layers/projection.h"
#include "model/language/layers/rms_norm.h"

namespace mrmllm {

inline constexpr double kFusionNormEpsilon = 1e-5;

// x [..., in] -> x weight^T + bias, [..., out].
class AffineImpl : public torch::nn::Module {
 public:
  AffineImpl(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x) const;

  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out]
};
TORCH_MODULE(Affine);

// From the fusion's width into the language model's: norm, up, SiLU, down. V_proj and P_proj of the
// paper are two of these.
class ProjectorImpl : public torch::nn::Module {
 public:
  ProjectorImpl(int64_t width, int64_t language_width);
  at::Tensor forward(const at::Tensor& x) const;  // [N, D] -> [N, D_lm]

 private:
  RmsNorm norm{nullptr};
  Projection up_proj{nullptr};
  Projection down_proj{nullptr};
};
TORCH_MODULE(Projector);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_PROJECTOR_H_
