// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/self_attention.h"

namespace mrmllm {

SelfAttentionImpl::SelfAttentionImpl(int64_t width, int64_t heads) : heads_(heads) {
  q_proj_ = register_module("q_proj", Dense(width, width));
  k_proj_ = register_module("k_proj", Dense(width, width));
  v_proj_ = register_module("v_proj", Dense(width, width));
  out_proj_ = register_module("out_proj", Dense(width, width));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x, const at::Tensor& positions) const {
  const auto split = [this](const at::Tensor& rows) {  // [B, heads, T, D / heads]
    return rows.view({rows.size(0), rows.size(1), heads_, -1}).transpose(1, 2);
  };
  const at::Tensor placed = x + positions;
  const at::Tensor attended = at::scaled_dot_product_attention(
      split(q_proj_->forward(placed)), split(k_proj_->forward(placed)), split(v_proj_->forward(x)));
  return out_proj_->forward(attended.transpose(1, 2).flatten(2));
}

EncoderLayerImpl::EncoderLayerImpl(const Options& options) : activation_(options.activation) {
  self_attn_ = register_module("self_attn", SelfAttention(options.width, options.heads));
  self_attn_layer_norm_ =
      register_module("self_attn_layer_norm", LayerNorm(options.width, options.eps));
  fc1_ = register_module("fc1", Dense(options.width, options.ffn_dim));
  fc2_ = register_module("fc2", Dense(options.ffn_dim, options.width));
  final_layer_norm_ = register_module("final_layer_norm", LayerNorm(options.width, options.eps));
}

at::Tensor EncoderLayerImpl::forward(const at::Tensor& x, const at::Tensor& positions) const {
  const at::Tensor y = self_attn_layer_norm_->forward(x + self_attn_->forward(x, positions));
  const at::Tensor fed = fc2_->forward(Activate(fc1_->forward(y), activation_));
  return final_layer_norm_->forward(y + fed);
}

}  // namespace mrmllm
