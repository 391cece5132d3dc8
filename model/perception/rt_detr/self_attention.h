// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_RT_DETR_SELF_ATTENTION_H_
#define MRMLLM_MODEL_PERCEPTION_RT_DETR_SELF_ATTENTION_H_

#include <torch/torch.h>

#include "model/perception/rt_detr/dense.h"

namespace mrmllm {

// Attention among the rows of x in heads. Positions are added to what is asked and what answers,
// not to what is passed on.
class SelfAttentionImpl : public torch::nn::Module {
 public:
  SelfAttentionImpl(int64_t width, int64_t heads);

  // x [B, T, D], positions [B or 1, T, D] -> [B, T, D].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& positions) const;

 private:
  const int64_t heads_;
  Dense q_proj_{nullptr};
  Dense k_proj_{nullptr};
  Dense v_proj_{nullptr};
  Dense out_proj_{nullptr};
};
TORCH_MODULE(SelfAttention);

// A layer of the hybrid encoder: self-attention and feed-forward, each added and then normed.
class EncoderLayerImpl : public torch::nn::Module {
 public:
  struct Options {
    int64_t width = 0;
    int64_t heads = 0;
    int64_t ffn_dim = 0;
    Activation activation = Activation::kGelu;
    double eps = 0;
  };
  explicit EncoderLayerImpl(const Options& options);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& positions) const;  // as above

 private:
  const Activation activation_;
  SelfAttention self_attn_{nullptr};
  LayerNorm self_attn_layer_norm_{nullptr};
  Dense fc1_{nullptr};
  Dense fc2_{nullptr};
  LayerNorm final_layer_norm_{nullptr};
};
TORCH_MODULE(EncoderLayer);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_RT_DETR_SELF_ATTENTION_H_
