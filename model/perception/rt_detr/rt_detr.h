// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_H_

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "model/config.h"
#include "model/perception/detector.h"
#include "model/perception/rt_detr/conv_norm.h"
#include "model/perception/rt_detr/decoder/decoder.h"
#include "model/perception/rt_detr/decoder/query_selection.h"
#include "model/perception/rt_detr/hybrid_encoder.h"
#include "model/perception/rt_detr/resnet_vd.h"

namespace mrmllm {

// RT-DETR and RT-DETRv2. Its places are the decoder's queries, best first as the pyramid was
// scored; nothing needs suppression. A checkpoint's tensors go through FoldBatchNorms before they
// are loaded.
class RtDetr : public Detector {
 public:
  // REQUIRES: `config` went through ModelConfig::Parse or is as sound. INVALID_ARGUMENT where it
  // has no dimensions of this family.
  static absl::StatusOr<std::shared_ptr<Detector>> Make(const DetectorConfig& config);

  explicit RtDetr(const DetectorConfig& config);

  void Prepare() override;
  std::vector<at::Tensor> Neck(const at::Tensor& pixel_values) const override;
  DetectorOutput Head(const std::vector<at::Tensor>& features) const override;
  // At most as many of an image as there are queries, as the reference does.
  std::vector<std::vector<ScoredBox>> Candidates(const std::vector<at::Tensor>& features,
                                                 float threshold) const override;

  // Steps of the above, for their tests: the backbone's maps; the pyramid as the decoder reads it;
  // the places that it starts from.
  std::vector<at::Tensor> BackboneMaps(const at::Tensor& pixel_values) const;
  PyramidRows Rows(const std::vector<at::Tensor>& features) const;
  SelectedQueries Select(const PyramidRows& pyramid) const { return selection_->Select(pyramid); }

 private:
  QueryOutput Decode(const std::vector<at::Tensor>& features) const;
  at::Tensor PixelBoxes(const at::Tensor& boxes) const;
  std::vector<ScoredBox> CandidatesOf(const QueryOutput& output, int64_t image,
                                      float threshold) const;

  const float input_size_;
  const std::vector<int64_t> sides_;  // of the pyramid's maps
  ResNetVd backbone_{nullptr};
  torch::nn::ModuleList encoder_input_proj_{nullptr};
  HybridEncoder encoder_{nullptr};
  torch::nn::ModuleList decoder_input_proj_{nullptr};
  RtDetrDecoder decoder_{nullptr};
  std::unique_ptr<const QuerySelection> selection_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_RT_DETR_H_
