// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DECODER_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DECODER_H_

#include <torch/torch.h>

#include "model/perception/rt_detr/decoder/deformable_attention.h"
#include "model/perception/rt_detr/dense.h"
#include "model/perception/rt_detr/rt_detr_config.h"
#include "model/perception/rt_detr/self_attention.h"

namespace mrmllm {

// Queries look at one another, then at the pyramid, then at themselves; each is added and normed.
class QueryLayerImpl : public torch::nn::Module {
 public:
  QueryLayerImpl(const RtDetrConfig& config, int64_t level_count);

  // queries and positions [B, Q, D], boxes [B, Q, 4] -> [B, Q, D].
  at::Tensor forward(const at::Tensor& queries, const at::Tensor& positions,
                     const at::Tensor& boxes, const PyramidRows& pyramid) const;

 private:
  const Activation activation_;
  SelfAttention self_attn_{nullptr};
  LayerNorm self_attn_layer_norm_{nullptr};
  DeformableAttention encoder_attn_{nullptr};
  LayerNorm encoder_attn_layer_norm_{nullptr};
  Dense fc1_{nullptr};
  Dense fc2_{nullptr};
  LayerNorm final_layer_norm_{nullptr};
};
TORCH_MODULE(QueryLayer);

// What RT-DETR says of each query. float32.
struct QueryOutput {
  at::Tensor logits;  // [B, Q, classes]
  at::Tensor boxes;   // [B, Q, 4]: centre, width and height in fractions of the input, (0, 1)
};

// The decoder: every layer moves the queries' boxes a little, the last one names them.
class RtDetrDecoderImpl : public torch::nn::Module {
 public:
  RtDetrDecoderImpl(const RtDetrConfig& config, int64_t level_count, int64_t label_count);

  // queries [B, Q, D], their boxes [B, Q, 4] in float32 before the sigmoid.
  QueryOutput forward(at::Tensor queries, const at::Tensor& box_logits,
                      const PyramidRows& pyramid) const;

 private:
  torch::nn::ModuleList layers_{nullptr};
  DenseStack query_pos_head_{nullptr};
  torch::nn::ModuleList class_embed_{nullptr};  // training reads all of them
  torch::nn::ModuleList bbox_embed_{nullptr};
};
TORCH_MODULE(RtDetrDecoder);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_DECODER_DECODER_H_
