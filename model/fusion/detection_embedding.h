// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_DETECTION_EMBEDDING_H_
#define MRMLLM_MODEL_FUSION_DETECTION_EMBEDDING_H_

#include <torch/torch.h>

#include "absl/types/span.h"

#include "base/detection.h"
#include "model/fusion/projector.h"

namespace mrmllm {

// Each detection as a modality of its own: an embedding of its label plus a projection of x_min,
// y_min, x_max, y_max, area and score, all in [0, 1]. Errors: a class_id without label throws.
class DetectionEmbeddingImpl : public torch::nn::Module {
 public:
  DetectionEmbeddingImpl(int64_t label_count, int64_t width);
  at::Tensor forward(absl::Span<const Detection> detections) const;  // [detections, D]

 private:
  at::Tensor label_embedding_;  // [C, D]
  Affine box_proj{nullptr};
};
TORCH_MODULE(DetectionEmbedding);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_DETECTION_EMBEDDING_H_
