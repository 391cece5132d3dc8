// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/dense.h"

namespace mrmllm {

DenseImpl::DenseImpl(int64_t in, int64_t out) {
  weight_ = register_parameter("weight", at::zeros({out, in}));
  bias_ = register_parameter("bias", at::zeros({out}));
}

at::Tensor DenseImpl::forward(const at::Tensor& x) const { return at::linear(x, weight_, bias_); }

LayerNormImpl::LayerNormImpl(int64_t width, double eps) : eps_(eps) {
  weight_ = register_parameter("weight", at::zeros({width}));
  bias_ = register_parameter("bias", at::zeros({width}));
}

at::Tensor LayerNormImpl::forward(const at::Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, eps_);
}

DenseStackImpl::DenseStackImpl(int64_t in, int64_t inner, int64_t out, int layer_count) {
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < layer_count; ++i) {
    layers_->push_back(Dense(i == 0 ? in : inner, i + 1 == layer_count ? out : inner));
  }
}

at::Tensor DenseStackImpl::forward(at::Tensor x) const {
  for (size_t i = 0; i < layers_->size(); ++i) {
    if (i > 0) x = at::relu(x);
    x = (*layers_)[i]->as<DenseImpl>()->forward(x);
  }
  return x;
}

Activation ActivationNamed(const std::string& name) {
  if (name == "gelu") return Activation::kGelu;
  if (name == "silu") return Activation::kSilu;
  TORCH_CHECK(name == "relu", "activation function: expected gelu, relu or silu, got ", name);
  return Activation::kRelu;
}

at::Tensor Activate(const at::Tensor& x, Activation activation) {
  if (activation == Activation::kGelu) return at::gelu(x);
  if (activation == Activation::kSilu) return at::silu(x);
  return at::relu(x);
}

}  // namespace mrmllm
