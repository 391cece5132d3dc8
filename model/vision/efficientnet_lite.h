// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_EFFICIENTNET_LITE_H_
#define MRMLLM_MODEL_VISION_EFFICIENTNET_LITE_H_

#include <torch/torch.h>

#include <memory>

#include "absl/status/statusor.h"

#include "model/config.h"
#include "model/vision/conv_layer.h"
#include "model/vision/vision_encoder.h"

namespace mrmllm {

// An inverted residual: expand, filter every channel by itself, project. Batch norms are folded
// into the convolutions; the Lite family has no squeeze-and-excitation.
class InvertedResidualImpl : public torch::nn::Module {
 public:
  struct Options {
    int64_t in_channels = 0;
    int64_t out_channels = 0;
    int64_t expansion = 1;
    int64_t kernel = 3;
    int64_t stride = 1;
  };

  explicit InvertedResidualImpl(const Options& options);

  // [B, in, h, w] -> [B, out, ceil(h / stride), ceil(w / stride)]
  at::Tensor forward(const at::Tensor& x) const;

 private:
  const bool residual_;
  ConvLayer expand_{nullptr};  // absent when the expansion is 1
  ConvLayer depthwise_{nullptr};
  ConvLayer project_{nullptr};
};
TORCH_MODULE(InvertedResidual);

// EfficientNet-Lite0 (Tan and Le, arXiv 1905.11946; the Lite variant by the same authors), total
// stride 32: 224 pixels give a map of 7 x 7.
class EfficientNetLite : public VisionEncoder {
 public:
  // INVALID_ARGUMENT for a variant other than "lite0" or another number of feature channels.
  static absl::StatusOr<std::shared_ptr<VisionEncoder>> Make(const VisionEncoderConfig& config);

  explicit EfficientNetLite(int64_t label_count);

  void Prepare() override;
  at::Tensor FeatureMap(const at::Tensor& pixel_values) const override;
  at::Tensor Classify(const at::Tensor& feature_map) const override;

 private:
  ConvLayer stem_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
  ConvLayer head_{nullptr};
  torch::nn::Linear classifier_{nullptr};
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_EFFICIENTNET_LITE_H_
