// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_QUERY_SELECTION_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_QUERY_SELECTION_H_

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "model/perception/rt_detr/decoder/deformable_attention.h"
#include "model/perception/rt_detr/dense.h"
#include "model/perception/rt_detr/rt_detr_config.h"

namespace mrmllm {

// The places of the pyramid that the decoder starts from.
struct SelectedQueries {
  at::Tensor places;      // [B, Q], best first: row numbers of the pyramid
  at::Tensor queries;     // [B, Q, D]
  at::Tensor box_logits;  // [B, Q, 4] before the sigmoid, float32
};

// A box for each place of a pyramid, before any is looked at. Places too near the edge for one are
// not `valid`.
struct Anchors {
  at::Tensor logits;  // [1, N, 4]: centre, width and height before the sigmoid, float32
  at::Tensor valid;   // [1, N, 1], 1 or 0, float32
};
Anchors MakeAnchors(const std::vector<int64_t>& sides);

// Scores every place of the pyramid and picks the best ones as queries. Its parts are registered
// with `parent`, as a checkpoint has them.
class QuerySelection {
 public:
  QuerySelection(const RtDetrConfig& config, const std::vector<int64_t>& sides, int64_t label_count,
                 torch::nn::Module& parent);
  SelectedQueries Select(const PyramidRows& pyramid) const;

 private:
  const int64_t query_count_;
  const Anchors anchors_;
  Dense output_{nullptr};
  LayerNorm output_norm_{nullptr};
  Dense score_head_{nullptr};
  DenseStack bbox_head_{nullptr};
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_QUERY_SELECTION_H_
