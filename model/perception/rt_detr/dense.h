// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_DENSE_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_DENSE_H_

#include <torch/torch.h>

#include <string>

#include "model/vision/conv_layer.h"

namespace mrmllm {

// y = x W^T + b over the last dimension. Parameters `weight` [out, in], `bias` [out], 0 at first.
class DenseImpl : public torch::nn::Module {
 public:
  DenseImpl(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(Dense);

// Layer norm over the last dimension. Parameters `weight` and `bias` [width].
class LayerNormImpl : public torch::nn::Module {
 public:
  LayerNormImpl(int64_t width, double eps);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  const double eps_;
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(LayerNorm);

// `layer_count` dense layers, "layers.0", "layers.1", ..., with ReLU between them.
class DenseStackImpl : public torch::nn::Module {
 public:
  DenseStackImpl(int64_t in, int64_t inner, int64_t out, int layer_count);
  at::Tensor forward(at::Tensor x) const;

 private:
  torch::nn::ModuleList layers_{nullptr};
};
TORCH_MODULE(DenseStack);

// "gelu", "relu" or "silu", as a configuration says.
Activation ActivationNamed(const std::string& name);

at::Tensor Activate(const at::Tensor& x, Activation activation);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_DENSE_H_
