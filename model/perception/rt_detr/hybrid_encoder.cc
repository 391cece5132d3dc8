// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/hybrid_encoder.h"

#include "model/perception/rt_detr/self_attention.h"

namespace mrmllm {
namespace {

constexpr int kBlocksOfFusion = 3;

struct ConvShape {
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
};

ConvNorm Conv(const RtDetrConfig& config, const ConvShape& shape,
              std::vector<ConvNormNames> branches = {{"conv", "norm"}}) {
  return ConvNorm(ConvOptions{.in_channels = shape.in,
                              .out_channels = shape.out,
                              .kernel = shape.kernel,
                              .stride = shape.stride,
                              .activation = ActivationNamed(config.activation_function)},
                  std::move(branches), config.batch_norm_eps);
}

at::Tensor Run(const torch::nn::ModuleList& convs, size_t i, const at::Tensor& x) {
  return (*convs)[i]->as<ConvNormImpl>()->forward(x);
}

at::Tensor Fuse(const torch::nn::ModuleList& blocks, size_t i, const at::Tensor& a,
                const at::Tensor& b) {
  return (*blocks)[i]->as<FusionBlockImpl>()->forward(at::cat({a, b}, 1));
}

}  // namespace

at::Tensor SinusoidalPositions(int64_t height, int64_t width, int64_t channels,
                               double temperature) {
  const int64_t quarter = channels / 4;
  const at::Tensor steps = at::arange(quarter, at::kDouble) / static_cast<double>(quarter);
  const at::Tensor frequencies = at::pow(temperature, -steps);
  const at::Tensor y = at::arange(height, at::kDouble).repeat_interleave(width);
  const at::Tensor x = at::arange(width, at::kDouble).repeat({height});
  const at::Tensor along_y = at::outer(y, frequencies);
  const at::Tensor along_x = at::outer(x, frequencies);
  return at::cat({along_y.sin(), along_y.cos(), along_x.sin(), along_x.cos()}, 1)
      .to(at::kFloat)
      .unsqueeze(0);
}

LevelAttentionImpl::LevelAttentionImpl(const RtDetrConfig& config, int64_t channels, int64_t side)
    : positions_(
          SinusoidalPositions(side, side, channels, config.positional_encoding_temperature)) {
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < config.encoder_layers; ++i) {
    layers_->push_back(EncoderLayer(
        EncoderLayerImpl::Options{.width = channels,
                                  .heads = config.encoder_attention_heads,
                                  .ffn_dim = config.encoder_ffn_dim,
                                  .activation = ActivationNamed(config.encoder_activation_function),
                                  .eps = config.layer_norm_eps}));
  }
}

at::Tensor LevelAttentionImpl::forward(const at::Tensor& map) const {
  const at::Tensor positions = positions_.to(map.device(), map.scalar_type());
  at::Tensor rows = map.flatten(2).transpose(1, 2).contiguous();  // [B, h * w, D_p]
  for (const std::shared_ptr<torch::nn::Module>& layer : *layers_) {
    rows = layer->as<EncoderLayerImpl>()->forward(rows, positions);
  }
  return rows.transpose(1, 2).reshape(map.sizes());
}

FusionBlockImpl::FusionBlockImpl(const RtDetrConfig& config, int64_t channels) {
  const auto inner = static_cast<int64_t>(static_cast<double>(channels) * config.hidden_expansion);
  conv1_ = register_module("conv1", Conv(config, {2 * channels, inner}));
  conv2_ = register_module("conv2", Conv(config, {2 * channels, inner}));
  bottlenecks_ = register_module("bottlenecks", torch::nn::ModuleList());
  for (int i = 0; i < kBlocksOfFusion; ++i) {
    bottlenecks_->push_back(Conv(config, {inner, inner, 3},
                                 {{"conv1.conv", "conv1.norm"}, {"conv2.conv", "conv2.norm"}}));
  }
  if (inner != channels) conv3_ = register_module("conv3", Conv(config, {inner, channels}));
}

at::Tensor FusionBlockImpl::forward(const at::Tensor& x) const {
  at::Tensor y = conv1_->forward(x);
  for (size_t i = 0; i < bottlenecks_->size(); ++i) y = Run(bottlenecks_, i, y);
  const at::Tensor sum = y + conv2_->forward(x);
  return conv3_.is_empty() ? sum : conv3_->forward(sum);
}

HybridEncoderImpl::HybridEncoderImpl(const RtDetrConfig& config, int64_t channels,
                                     const std::vector<int64_t>& sides)
    : attending_levels_(config.encode_proj_layers) {
  attention_ = register_module("encoder", torch::nn::ModuleList());
  for (int level : attending_levels_) {
    attention_->push_back(LevelAttention(config, channels, sides[level]));
  }
  lateral_convs_ = register_module("lateral_convs", torch::nn::ModuleList());
  fpn_blocks_ = register_module("fpn_blocks", torch::nn::ModuleList());
  downsample_convs_ = register_module("downsample_convs", torch::nn::ModuleList());
  pan_blocks_ = register_module("pan_blocks", torch::nn::ModuleList());
  for (size_t i = 1; i < sides.size(); ++i) {
    lateral_convs_->push_back(Conv(config, {channels, channels}));
    fpn_blocks_->push_back(FusionBlock(config, channels));
    downsample_convs_->push_back(Conv(config, {channels, channels, 3, 2}));
    pan_blocks_->push_back(FusionBlock(config, channels));
  }
}

std::vector<at::Tensor> HybridEncoderImpl::forward(std::vector<at::Tensor> maps) const {
  for (size_t i = 0; i < attending_levels_.size(); ++i) {
    at::Tensor& map = maps[attending_levels_[i]];
    map = (*attention_)[i]->as<LevelAttentionImpl>()->forward(map);
  }
  const size_t last = maps.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    at::Tensor& coarse = maps[last - i];
    at::Tensor& fine = maps[last - i - 1];
    coarse = Run(lateral_convs_, i, coarse);
    fine = Fuse(fpn_blocks_, i, at::upsample_nearest2d(coarse, fine.sizes().slice(2)), fine);
  }
  for (size_t i = 0; i < last; ++i) {
    maps[i + 1] = Fuse(pan_blocks_, i, Run(downsample_convs_, i, maps[i]), maps[i + 1]);
  }
  return maps;
}

}  // namespace mrmllm
