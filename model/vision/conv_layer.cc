// SPDX-License-Identifier: Apache-2.0
#include "model/vision/conv_layer.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/language/kernels/parallel_for.h"

namespace mrmllm {
namespace {

constexpr float kLeakySlope = 0.1f;
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
    case Activation::kRelu:
      at::relu_(x);
      return;
    case Activation::kRelu6:
      at::clamp_(x, 0, kRelu6Ceiling);
      return;
    case Activation::kSilu:
      at::silu_(x);
      return;
    case Activation::kGelu:
      at::gelu_(x);
      return;
  }
}

// libtorch has these two operators for its own compiler only, so no header declares them.
using Packing = at::Tensor(const at::Tensor& weight, at::IntArrayRef padding,
                           at::IntArrayRef stride, at::IntArrayRef dilation, int64_t groups,
                           at::OptionalIntArrayRef input_size);
using FusedConvolution = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                                    const std::optional<at::Tensor>& bias, at::IntArrayRef padding,
                                    at::IntArrayRef stride, at::IntArrayRef dilation,
                                    int64_t groups, std::string_view activation,
                                    c10::List<std::optional<at::Scalar>> scalars,
                                    std::optional<std::string_view> algorithm);

constexpr std::array<int64_t, 2> kNoDilation = {1, 1};

bool CpuMultipliesBf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

bool OneDnnComputes(const at::Tensor& weight) {
  if (!weight.device().is_cpu() || !at::globalContext().userEnabledMkldnn()) return false;
  return weight.scalar_type() == at::kFloat ||
         (weight.scalar_type() == at::kBFloat16 && CpuMultipliesBf16());
}

at::Tensor PackWeight(const at::Tensor& weight, const ConvOptions& options, int64_t padding) {
  static const auto pack = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("mkldnn::_reorder_convolution_weight", "")
                               .typed<Packing>();
  const std::array<int64_t, 2> paddings = {padding, padding};
  const std::array<int64_t, 2> strides = {options.stride, options.stride};
  return pack.call(weight, paddings, strides, kNoDilation, options.groups, std::nullopt);
}

// An activation as oneDNN names it.
struct FusedActivation {
  std::string_view name = "none";
  c10::List<std::optional<at::Scalar>> scalars;
  std::optional<std::string_view> algorithm;
};

FusedActivation Fused(Activation activation) {
  FusedActivation fused;
  switch (activation) {
    case Activation::kNone:
      break;
    case Activation::kLeakyRelu:
      fused.name = "leaky_relu";
      fused.scalars.push_back(at::Scalar(kLeakySlope));
      break;
    case Activation::kRelu:
      fused.name = "relu";
      break;
    case Activation::kRelu6:
      fused.name = "hardtanh";
      fused.scalars.push_back(at::Scalar(0));
      fused.scalars.push_back(at::Scalar(kRelu6Ceiling));
      break;
    case Activation::kSilu:
      fused.name = "swish";
      break;
    case Activation::kGelu:
      fused.name = "gelu";
      fused.algorithm = "none";
      break;
  }
  return fused;
}

at::Tensor ConvolveFused(const at::Tensor& x, const at::Tensor& packed_weight,
                         const at::Tensor& bias, const ConvOptions& options, int64_t padding) {
  static const auto convolve = c10::Dispatcher::singleton()
                                   .findSchemaOrThrow("mkldnn::_convolution_pointwise", "")
                                   .typed<FusedConvolution>();
  const FusedActivation activation = Fused(options.activation);
  const std::array<int64_t, 2> paddings = {padding, padding};
  const std::array<int64_t, 2> strides = {options.stride, options.stride};
  return convolve.call(x, packed_weight, bias, paddings, strides, kNoDilation, options.groups,
                       activation.name, activation.scalars, activation.algorithm);
}

// What the Winograd kernel multiplies values below 0 by; none where it lacks the activation.
std::optional<float> NegativeSlope(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return 1;
    case Activation::kLeakyRelu:
      return kLeakySlope;
    case Activation::kRelu:
      return 0;
    default:
      return std::nullopt;
  }
}

std::unique_ptr<const WinogradConv> MakeWinograd(const at::Tensor& weight, const at::Tensor& bias,
                                                 const ConvOptions& options) {
  const std::optional<float> slope = NegativeSlope(options.activation);
  const bool fits = slope.has_value() && weight.device().is_cpu() &&
                    weight.scalar_type() == at::kBFloat16 && options.kernel == 3 &&
                    options.stride == 1 && options.groups == 1 &&
                    WinogradConv::Supports(options.in_channels, options.out_channels);
  if (!fits) return nullptr;
  const at::Tensor filters = weight.detach().to(at::kFloat).contiguous();
  const at::Tensor offsets = bias.detach().to(at::kFloat);
  return std::make_unique<WinogradConv>(
      filters.data_ptr<float>(), offsets.data_ptr<float>(),
      WinogradConv::Shape{options.in_channels, options.out_channels, *slope});
}

// Channels last, or a slice of the channels of such a map.
bool IsPixelSlice(const at::Tensor& map) {
  return map.stride(1) == 1 && map.stride(3) >= map.size(1) &&
         map.stride(2) == map.size(3) * map.stride(3) &&
         map.stride(0) == map.size(2) * map.stride(2);
}

Bf16Map ToBf16Map(const at::Tensor& map) {
  return {reinterpret_cast<uint16_t*>(map.data_ptr<at::BFloat16>()), map.size(0), map.size(2),
          map.size(3), IsPixelSlice(map) ? map.stride(3) : map.size(1)};
}

void RunWinograd(const WinogradConv& convolution, const at::Tensor& x, const at::Tensor& y) {
  constexpr int64_t kLeastTiles = 24;  // fewer would read the weights too often
  const at::Tensor readable = IsPixelSlice(x) ? x : x.contiguous(at::MemoryFormat::ChannelsLast);
  const Bf16Map from = ToBf16Map(readable);
  const Bf16Map to = ToBf16Map(y);
  const int64_t tiles = WinogradConv::TileCount(from);
  kernels::ParallelFor(0, tiles, std::max(kLeastTiles, tiles / 16),
                       [&](int64_t begin, int64_t end) { convolution.Run(from, to, begin, end); });
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
  winograd_ = MakeWinograd(weight_, bias_, options_);
  packed_weight_ = at::Tensor();
  if (winograd_ == nullptr && OneDnnComputes(weight_)) {
    packed_weight_ = PackWeight(weight_.detach(), options_, options_.kernel / 2);
  }
}

at::Tensor ConvLayerImpl::Convolve(const at::Tensor& padded, int64_t padding) const {
  if (packed_weight_.defined() && !at::GradMode::is_enabled()) {
    return ConvolveFused(padded.contiguous(at::MemoryFormat::ChannelsLast), packed_weight_, bias_,
                         options_, padding);
  }
  at::Tensor y =
      at::conv2d(padded, weight_, bias_, options_.stride, padding, /*dilation=*/1, options_.groups);
  ActivateInPlace(y, options_.activation);
  return y;
}

at::Tensor ConvLayerImpl::forward(const at::Tensor& x) const {
  if (winograd_ != nullptr && !at::GradMode::is_enabled()) {
    at::Tensor y = EmptyMap(x, options_.out_channels);
    RunWinograd(*winograd_, x, y);
    return y;
  }
  if (options_.padding == Padding::kCentred) return Convolve(x, options_.kernel / 2);
  const auto [top, bottom] = SamePadding(x.size(2), options_);
  const auto [left, right] = SamePadding(x.size(3), options_);
  if (top == bottom && left == right && top == left) return Convolve(x, top);
  return Convolve(at::constant_pad_nd(x, {left, right, top, bottom}), 0);
}

at::Tensor ConvLayerImpl::ForwardInto(const at::Tensor& x, const at::Tensor& out) const {
  if (winograd_ != nullptr && !at::GradMode::is_enabled() && IsPixelSlice(out)) {
    RunWinograd(*winograd_, x, out);
    return out;
  }
  at::Tensor y = forward(x);
  out.copy_(y);
  return y;
}

at::Tensor EmptyMap(const at::Tensor& like, int64_t channels) {
  return at::empty({like.size(0), channels, like.size(2), like.size(3)},
                   like.options().memory_format(at::MemoryFormat::ChannelsLast));
}

void PrepareConvLayers(torch::nn::Module& module) {
  for (const std::shared_ptr<torch::nn::Module>& child : module.modules()) {
    if (auto* layer = child->as<ConvLayerImpl>()) layer->Prepare();
  }
}

}  // namespace mrmllm
