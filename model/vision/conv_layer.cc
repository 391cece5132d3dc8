// SPDX-License-Identifier: Apache-2.0
#include "model/vision/conv_layer.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace mrmllm {
namespace {

constexpr double kLeakySlope = 0.1;
constexpr double kRelu6Ceiling = 6;

// Zeros before and after one side of SAME padding.
std::pair<int64_t, int64_t> SamePadding(int64_t size, const ConvOptions& options) {
  const int64_t outputs = (size + options.stride - 1) / options.stride;
  const int64_t total =
      std::max<int64_t>((outputs - 1) * options.stride + options.kernel - size, 0);
  return {total / 2, total - total / 2};
}

void ActivateInPlace(at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kLeakyRelu:
      at::leaky_relu_(x, kLeakySlope);
      return;
    case Activation::kRelu6:
      at::clamp_(x, 0, kRelu6Ceiling);
      return;
  }
}

}  // namespace

ConvLayerImpl::ConvLayerImpl(const ConvOptions& options) : options_(options) {
  weight_ = register_parameter(
      "weight", at::zeros({options.out_channels, options.in_channels / options.groups,
                           options.kernel, options.kernel}));
  bias_ = register_parameter("bias", at::zeros({options.out_channels}));
}

void ConvLayerImpl::Prepare() {
  torch::NoGradGuard no_grad;
  weight_.set_data(weight_.contiguous(at::MemoryFormat::ChannelsLast));
}

at::Tensor ConvLayerImpl::Convolve(const at::Tensor& padded, int64_t padding) const {
  at::Tensor y =
      at::conv2d(padded, weight_, bias_, options_.stride, padding, /*dilation=*/1, options_.groups);
  ActivateInPlace(y, options_.activation);
  return y;
}

at::Tensor ConvLayerImpl::forward(const at::Tensor& x) const {
  if (options_.padding == Padding::kCentred) return Convolve(x, options_.kernel / 2);
  const auto [top, bottom] = SamePadding(x.size(2), options_);
  const auto [left, right] = SamePadding(x.size(3), options_);
  if (top == bottom && left == right && top == left) return Convolve(x, top);
  return Convolve(at::constant_pad_nd(x, {left, right, top, bottom}), 0);
}

void PrepareConvLayers(torch::nn::Module& module) {
  for (const std::shared_ptr<torch::nn::Module>& child : module.modules()) {
    if (auto* layer = child->as<ConvLayerImpl>()) layer->Prepare();
  }
}

}  // namespace mrmllm
