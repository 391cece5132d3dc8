// SPDX-License-Identifier: Apache-2.0
#include "model/vision/efficientnet_lite.h"

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

struct Stage {
  int repeats;
  int64_t kernel;
  int64_t first_stride;
  int64_t expansion;
  int64_t out_channels;
};

constexpr int64_t kStemChannels = 32;
constexpr int64_t kFeatureChannels = 1280;
constexpr Stage kLite0Stages[] = {
    {1, 3, 1, 1, 16},  {2, 3, 2, 6, 24},  {2, 5, 2, 6, 40},  {3, 3, 2, 6, 80},
    {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320},
};

ConvOptions Pointwise(int64_t in, int64_t out, Activation activation) {
  return {.in_channels = in, .out_channels = out, .activation = activation};
}

}  // namespace

InvertedResidualImpl::InvertedResidualImpl(const Options& options)
    : residual_(options.stride == 1 && options.in_channels == options.out_channels) {
  const int64_t wide = options.in_channels * options.expansion;
  if (options.expansion != 1) {
    expand_ = register_module("expand",
                              ConvLayer(Pointwise(options.in_channels, wide, Activation::kRelu6)));
  }
  depthwise_ = register_module("depthwise", ConvLayer(ConvOptions{.in_channels = wide,
                                                                  .out_channels = wide,
                                                                  .kernel = options.kernel,
                                                                  .stride = options.stride,
                                                                  .groups = wide,
                                                                  .activation = Activation::kRelu6,
                                                                  .padding = Padding::kSame}));
  project_ = register_module("project",
                             ConvLayer(Pointwise(wide, options.out_channels, Activation::kNone)));
}

at::Tensor InvertedResidualImpl::forward(const at::Tensor& x) const {
  const at::Tensor expanded = expand_.is_empty() ? x : expand_->forward(x);
  at::Tensor y = project_->forward(depthwise_->forward(expanded));
  return residual_ ? y.add_(x) : y;
}

absl::StatusOr<std::shared_ptr<VisionEncoder>> EfficientNetLite::Make(
    const VisionEncoderConfig& config) {
  if (config.variant != "lite0") {
    return absl::InvalidArgumentError(
        absl::StrCat("vision_encoder.variant: expected 'lite0', got '", config.variant, "'"));
  }
  if (config.feature_channels != kFeatureChannels) {
    return absl::InvalidArgumentError(absl::StrCat("vision_encoder.feature_channels: expected ",
                                                   kFeatureChannels, ", got ",
                                                   config.feature_channels));
  }
  return std::make_shared<EfficientNetLite>(static_cast<int64_t>(config.labels.size()));
}

EfficientNetLite::EfficientNetLite(int64_t label_count) {
  stem_ = register_module("stem", ConvLayer(ConvOptions{.in_channels = 3,
                                                        .out_channels = kStemChannels,
                                                        .kernel = 3,
                                                        .stride = 2,
                                                        .activation = Activation::kRelu6,
                                                        .padding = Padding::kSame}));
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  int64_t channels = kStemChannels;
  for (const Stage& stage : kLite0Stages) {
    for (int i = 0; i < stage.repeats; ++i) {
      blocks_->push_back(InvertedResidual(
          InvertedResidualImpl::Options{.in_channels = channels,
                                        .out_channels = stage.out_channels,
                                        .expansion = stage.expansion,
                                        .kernel = stage.kernel,
                                        .stride = i == 0 ? stage.first_stride : 1}));
      channels = stage.out_channels;
    }
  }
  head_ =
      register_module("head", ConvLayer(Pointwise(channels, kFeatureChannels, Activation::kRelu6)));
  classifier_ = register_module("classifier", torch::nn::Linear(kFeatureChannels, label_count));
}

void EfficientNetLite::Prepare() { PrepareConvLayers(*this); }

at::Tensor EfficientNetLite::FeatureMap(const at::Tensor& pixel_values) const {
  at::Tensor x = stem_->forward(pixel_values);
  for (const std::shared_ptr<torch::nn::Module>& block : *blocks_) {
    x = block->as<InvertedResidualImpl>()->forward(x);
  }
  return head_->forward(x);  // Vf_m [B, D_m, h, w]
}

at::Tensor EfficientNetLite::Classify(const at::Tensor& feature_map) const {
  // The mean over places equals the reference's adaptive pooling to 1 x 1.
  const at::Tensor pooled = feature_map.mean({2, 3});  // [B, D_m]
  return at::linear(pooled, classifier_->weight, classifier_->bias);
}

}  // namespace mrmllm
