// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_RMS_NORM_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_RMS_NORM_H_

#include <torch/torch.h>

namespace mrmllm {

// y = x / sqrt(mean(x^2) + epsilon) * weight over the last dimension; computed in float32 and
// returned in x's dtype.
class RmsNormImpl : public torch::nn::Module {
 public:
  RmsNormImpl(int64_t width, double epsilon);
  at::Tensor forward(const at::Tensor& x) const;  // [..., width] -> the same

  at::Tensor weight;

 private:
  double epsilon_;
};
TORCH_MODULE(RmsNorm);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_RMS_NORM_H_
