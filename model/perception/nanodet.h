// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_NANODET_H_
#define MRMLLM_MODEL_PERCEPTION_NANODET_H_

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "model/config.h"
#include "model/perception/detector.h"
#include "model/vision/conv_layer.h"

namespace mrmllm {

// Two convolutions whose outputs stand side by side: c channels stay c channels.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x) const;  // [B, c, h, w] -> [B, c, h, w]

 private:
  ConvLayer in_conv_{nullptr};   // c -> c / 2
  ConvLayer mid_conv_{nullptr};  // c / 2 -> c / 2
};
TORCH_MODULE(ResidualBlock);

// A cross-stage-partial stage: c channels become 2c, the second half untouched by the blocks.
class CspStageImpl : public torch::nn::Module {
 public:
  CspStageImpl(int64_t channels, int block_count, int64_t stride);
  at::Tensor forward(const at::Tensor& x) const;  // [B, c, h, w] -> [B, 2c, h / s, w / s]

 private:
  ConvLayer in_conv_{nullptr};
  torch::nn::ModuleList res_blocks_{nullptr};
  ConvLayer res_out_conv_{nullptr};
};
TORCH_MODULE(CspStage);

// The backbone: maps at strides 8, 16 and 32 with 128, 256 and 512 channels.
class NanoDetBackboneImpl : public torch::nn::Module {
 public:
  NanoDetBackboneImpl();
  std::vector<at::Tensor> forward(const at::Tensor& pixel_values) const;

 private:
  ConvLayer stem_{nullptr};
  torch::nn::ModuleList stages_{nullptr};
};
TORCH_MODULE(NanoDetBackbone);

// The neck: laterals without activation, then top-down and bottom-up sums.
class NanoDetNeckImpl : public torch::nn::Module {
 public:
  explicit NanoDetNeckImpl(int64_t channels);
  std::vector<at::Tensor> forward(const std::vector<at::Tensor>& maps) const;

 private:
  torch::nn::ModuleList lateral_{nullptr};
};
TORCH_MODULE(NanoDetNeck);

// One level's head: class logits and, for each box side, logits over its distance in strides.
class NanoDetLevelHeadImpl : public torch::nn::Module {
 public:
  NanoDetLevelHeadImpl(int64_t channels, int64_t output_channels);
  at::Tensor forward(const at::Tensor& x) const;  // [B, D_p, h, w] -> [B, h * w, outputs]

 private:
  ConvLayer conv_{nullptr};
  ConvLayer output_{nullptr};
};
TORCH_MODULE(NanoDetLevelHead);

// NanoDet-g (github.com/RangiLyu/nanodet), batch norms folded: 34 convolutions.
class NanoDet : public Detector {
 public:
  // INVALID_ARGUMENT unless the strides are 8, 16, 32 and the input size is a multiple of 32.
  static absl::StatusOr<std::shared_ptr<Detector>> Make(const DetectorConfig& config);

  explicit NanoDet(const DetectorConfig& config);

  void Prepare() override;
  std::vector<at::Tensor> Neck(const at::Tensor& pixel_values) const override;
  DetectorOutput Head(const std::vector<at::Tensor>& features) const override;
  std::vector<std::vector<ScoredBox>> Candidates(const std::vector<at::Tensor>& features,
                                                 float threshold) const override;

 private:
  // Candidates of a batch that is computed as one, appended image by image.
  void AppendBatch(const std::vector<at::Tensor>& features, float threshold,
                   absl::Span<std::vector<ScoredBox>> candidates) const;
  // Logits of one level as its convolutions give them: [B, h * w, classes + 4 * bins].
  at::Tensor LevelLogits(const std::vector<at::Tensor>& features, size_t level) const;
  const int64_t label_count_;
  const std::vector<int> strides_;
  NanoDetBackbone backbone_{nullptr};
  NanoDetNeck neck_{nullptr};
  torch::nn::ModuleList head_{nullptr};
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_NANODET_H_
