// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_HYBRID_ENCODER_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_HYBRID_ENCODER_H_

#include <torch/torch.h>

#include <vector>

#include "model/config.h"
#include "model/perception/rt_detr/conv_norm.h"
#include "model/perception/rt_detr/rt_detr_config.h"

namespace mrmllm {

// Attention among the places of one level of `side` x `side`: [B, D_p, h, w] -> [B, D_p, h, w].
class LevelAttentionImpl : public torch::nn::Module {
 public:
  LevelAttentionImpl(const RtDetrConfig& config, int64_t channels, int64_t side);
  at::Tensor forward(const at::Tensor& map) const;

 private:
  const at::Tensor positions_;
  torch::nn::ModuleList layers_{nullptr};
};
TORCH_MODULE(LevelAttention);

// Fuses two levels that lie one upon the other: a cross-stage-partial layer of three blocks
// (RepVGG, arXiv 2101.03697, its two branches folded into one): [B, 2 D_p, h, w] ->
// [B, D_p, h, w].
class FusionBlockImpl : public torch::nn::Module {
 public:
  FusionBlockImpl(const RtDetrConfig& config, int64_t channels);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  ConvNorm conv1_{nullptr};
  ConvNorm conv2_{nullptr};
  torch::nn::ModuleList bottlenecks_{nullptr};
  ConvNorm conv3_{nullptr};  // only where the inner channels are others
};
TORCH_MODULE(FusionBlock);

// RT-DETR's hybrid encoder: some levels attend to themselves, then neighbours are fused from the
// coarsest down and from the finest up. Maps of D_p channels, finest first, come out as they went
// in.
class HybridEncoderImpl : public torch::nn::Module {
 public:
  // `sides` of the maps, finest first.
  HybridEncoderImpl(const RtDetrConfig& config, int64_t channels,
                    const std::vector<int64_t>& sides);
  std::vector<at::Tensor> forward(std::vector<at::Tensor> maps) const;

 private:
  const std::vector<int> attending_levels_;
  torch::nn::ModuleList attention_{nullptr};
  torch::nn::ModuleList lateral_convs_{nullptr};
  torch::nn::ModuleList fpn_blocks_{nullptr};
  torch::nn::ModuleList downsample_convs_{nullptr};
  torch::nn::ModuleList pan_blocks_{nullptr};
};
TORCH_MODULE(HybridEncoder);

// Sines and cosines of the places of a map, row by row: [1, height * width, channels], float32.
at::Tensor SinusoidalPositions(int64_t height, int64_t width, int64_t channels, double temperature);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_HYBRID_ENCODER_H_
