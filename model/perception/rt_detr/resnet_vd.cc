// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/resnet_vd.h"

#include "model/vision/max_pool.h"

namespace mrmllm {
namespace {

// The reference builds the backbone's batch norms with this, whatever the configuration says.
constexpr double kEps = 1e-5;
constexpr int64_t kBottleneckReduction = 4;

ConvNorm Conv(int64_t in, int64_t out, int64_t kernel, int64_t stride, Activation activation) {
  return ConvNorm(ConvOptions{.in_channels = in,
                              .out_channels = out,
                              .kernel = kernel,
                              .stride = stride,
                              .activation = activation},
                  std::vector<ConvNormNames>{{"convolution", "normalization"}}, kEps);
}

at::Tensor RunAll(const torch::nn::ModuleList& layers, at::Tensor x) {
  for (const std::shared_ptr<torch::nn::Module>& layer : *layers) {
    x = layer->as<ConvNormImpl>()->forward(x);
  }
  return x;
}

// A module without parameters of its own, for the names that a checkpoint has.
std::shared_ptr<torch::nn::Module> Level() { return std::make_shared<torch::nn::Module>(); }

}  // namespace

ResNetBlockImpl::ResNetBlockImpl(const ResNetVdConfig& config, int64_t in, int64_t out,
                                 int64_t stride, bool first_of_stage) {
  layer_ = register_module("layer", torch::nn::ModuleList());
  if (config.layer_type == "bottleneck") {
    const int64_t inner = out / kBottleneckReduction;
    const bool early = config.downsample_in_bottleneck;
    layer_->push_back(Conv(in, inner, 1, early ? stride : 1, Activation::kRelu));
    layer_->push_back(Conv(inner, inner, 3, early ? 1 : stride, Activation::kRelu));
    layer_->push_back(Conv(inner, out, 1, 1, Activation::kNone));
  } else {
    layer_->push_back(Conv(in, out, 3, stride, Activation::kRelu));
    layer_->push_back(Conv(out, out, 3, 1, Activation::kNone));
  }
  AddShortcut(config, in, out, stride, first_of_stage);
}

void ResNetBlockImpl::AddShortcut(const ResNetVdConfig& config, int64_t in, int64_t out,
                                  int64_t stride, bool first_of_stage) {
  const bool bottleneck = config.layer_type == "bottleneck";
  const bool has_one = bottleneck ? in != out || stride != 1 : first_of_stage;
  if (!has_one) return;
  averages_ = bottleneck ? stride == 2 : in != out;
  ConvNorm conv = Conv(in, out, 1, averages_ ? 1 : stride, Activation::kNone);
  if (averages_) {
    // There it is the second of two: the mean is the first.
    register_module("shortcut", Level())->register_module("1", conv);
    shortcut_ = conv;
  } else {
    shortcut_ = register_module("shortcut", conv);
  }
}

at::Tensor ResNetBlockImpl::forward(const at::Tensor& x) const {
  at::Tensor y = RunAll(layer_, x);
  if (shortcut_.is_empty()) return at::relu(y + x);
  const at::Tensor shrunk =
      averages_ ? at::avg_pool2d(x, 2, 2, /*padding=*/0, /*ceil_mode=*/true) : x;
  return at::relu(y + shortcut_->forward(shrunk));
}

ResNetVdImpl::ResNetVdImpl(const ResNetVdConfig& config, int64_t level_count)
    : level_count_(level_count) {
  const int64_t width = config.embedding_size;
  stem_ =
      register_module("embedder", Level())->register_module("embedder", torch::nn::ModuleList());
  stem_->push_back(Conv(3, width / 2, 3, 2, Activation::kRelu));
  stem_->push_back(Conv(width / 2, width / 2, 3, 1, Activation::kRelu));
  stem_->push_back(Conv(width / 2, width, 3, 1, Activation::kRelu));
  const auto stages = register_module("encoder", Level())->register_module("stages", Level());
  int64_t in = width;
  for (size_t i = 0; i < config.depths.size(); ++i) {
    const auto stage = stages->register_module(std::to_string(i), Level());
    stages_.push_back(stage->register_module("layers", torch::nn::ModuleList()));
    const int64_t out = config.hidden_sizes[i];
    for (int j = 0; j < config.depths[i]; ++j) {
      const bool halves = j == 0 && (i > 0 || config.downsample_in_first_stage);
      stages_.back()->push_back(ResNetBlock(config, in, out, halves ? 2 : 1, j == 0));
      in = out;
    }
  }
}

std::vector<at::Tensor> ResNetVdImpl::forward(const at::Tensor& pixel_values) const {
  at::Tensor x = MaxPool(RunAll(stem_, pixel_values));
  std::vector<at::Tensor> maps;
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const std::shared_ptr<torch::nn::Module>& block : *stages_[i]) {
      x = block->as<ResNetBlockImpl>()->forward(x);
    }
    if (i + level_count_ >= stages_.size()) maps.push_back(x);
  }
  return maps;
}

}  // namespace mrmllm
