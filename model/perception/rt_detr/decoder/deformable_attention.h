// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DEFORMABLE_ATTENTION_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DEFORMABLE_ATTENTION_H_

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "model/perception/rt_detr/dense.h"
#include "model/perception/rt_detr/rt_detr_config.h"

namespace mrmllm {

// The pyramid as the decoder reads it: the places of all levels one after the other, finest first.
struct PyramidRows {
  at::Tensor rows;             // [B, N, D]
  std::vector<int64_t> sides;  // of the square maps; their squares sum up to N
};

// Every head of a query reads a few places of each level of the pyramid, which the query picks
// around its box, and weighs them (Deformable DETR, arXiv 2010.04159).
class DeformableAttentionImpl : public torch::nn::Module {
 public:
  DeformableAttentionImpl(const RtDetrConfig& config, int64_t level_count);

  // queries [B, Q, D]; boxes [B, Q, 4]: centre, width and height in fractions of the input, float32
  // -> [B, Q, D].
  at::Tensor forward(const at::Tensor& queries, const at::Tensor& boxes,
                     const PyramidRows& pyramid) const;

 private:
  // What the heads find at `locations` [B * heads, Q, P, 2] of one level, `values` [B, h * w, D]:
  // [B * heads, D / heads, Q, P].
  at::Tensor Sample(const at::Tensor& values, int64_t side, const at::Tensor& locations) const;

  const int64_t heads_;
  const int64_t levels_;
  const int64_t points_;
  const double offset_scale_;
  const bool nearest_;
  Dense sampling_offsets_{nullptr};
  Dense attention_weights_{nullptr};
  Dense value_proj_{nullptr};
  Dense output_proj_{nullptr};
};
TORCH_MODULE(DeformableAttention);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DEFORMABLE_ATTENTION_H_
