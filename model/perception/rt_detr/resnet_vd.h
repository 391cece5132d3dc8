// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_RESNET_VD_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_RESNET_VD_H_

#include <torch/torch.h>

#include <vector>

#include "model/perception/rt_detr/conv_norm.h"
#include "model/perception/rt_detr/rt_detr_config.h"

namespace mrmllm {

// A residual block: two convolutions of 3 x 3 ("basic"), or one between two of 1 x 1
// ("bottleneck"). Where the map shrinks, the other path takes means of 2 x 2 (ResNet-D, arXiv
// 1812.01187).
class ResNetBlockImpl : public torch::nn::Module {
 public:
  ResNetBlockImpl(const ResNetVdConfig& config, int64_t in, int64_t out, int64_t stride,
                  bool first_of_stage);
  at::Tensor forward(const at::Tensor& x) const;  // [B, in, h, w] -> [B, out, h / s, w / s]

 private:
  void AddShortcut(const ResNetVdConfig& config, int64_t in, int64_t out, int64_t stride,
                   bool first_of_stage);

  torch::nn::ModuleList layer_{nullptr};
  ConvNorm shortcut_{nullptr};
  bool averages_ = false;
};
TORCH_MODULE(ResNetBlock);

// ResNet-vd: the maps of the last `level_count` stages, finest first. Parameter names are those of
// Hugging Face's RTDetrResNetBackbone, batch norms folded.
class ResNetVdImpl : public torch::nn::Module {
 public:
  ResNetVdImpl(const ResNetVdConfig& config, int64_t level_count);
  std::vector<at::Tensor> forward(const at::Tensor& pixel_values) const;

 private:
  const int64_t level_count_;
  torch::nn::ModuleList stem_{nullptr};
  std::vector<torch::nn::ModuleList> stages_;
};
TORCH_MODULE(ResNetVd);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_RESNET_VD_H_
