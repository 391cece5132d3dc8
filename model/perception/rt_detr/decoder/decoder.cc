// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/decoder/decoder.h"

namespace mrmllm {
namespace {

constexpr int64_t kBoxSides = 4;
constexpr double kLeastOdds = 1e-5;

// The sigmoid's inverse, bounded at both ends.
at::Tensor Logit(const at::Tensor& x) {
  return (x.clamp_min(kLeastOdds) / (1 - x).clamp_min(kLeastOdds)).log();
}

}  // namespace

QueryLayerImpl::QueryLayerImpl(const RtDetrConfig& config, int64_t level_count)
    : activation_(ActivationNamed(config.decoder_activation_function)) {
  const int64_t width = config.d_model;
  const auto norm = [&] { return LayerNorm(width, config.layer_norm_eps); };
  self_attn_ = register_module("self_attn", SelfAttention(width, config.decoder_attention_heads));
  self_attn_layer_norm_ = register_module("self_attn_layer_norm", norm());
  encoder_attn_ = register_module("encoder_attn", DeformableAttention(config, level_count));
  encoder_attn_layer_norm_ = register_module("encoder_attn_layer_norm", norm());
  fc1_ = register_module("fc1", Dense(width, config.decoder_ffn_dim));
  fc2_ = register_module("fc2", Dense(config.decoder_ffn_dim, width));
  final_layer_norm_ = register_module("final_layer_norm", norm());
}

at::Tensor QueryLayerImpl::forward(const at::Tensor& queries, const at::Tensor& positions,
                                   const at::Tensor& boxes, const PyramidRows& pyramid) const {
  at::Tensor x = self_attn_layer_norm_->forward(queries + self_attn_->forward(queries, positions));
  x = encoder_attn_layer_norm_->forward(x + encoder_attn_->forward(x + positions, boxes, pyramid));
  return final_layer_norm_->forward(x + fc2_->forward(Activate(fc1_->forward(x), activation_)));
}

RtDetrDecoderImpl::RtDetrDecoderImpl(const RtDetrConfig& config, int64_t level_count,
                                     int64_t label_count) {
  const int64_t width = config.d_model;
  layers_ = register_module("layers", torch::nn::ModuleList());
  query_pos_head_ = register_module("query_pos_head", DenseStack(kBoxSides, 2 * width, width, 2));
  class_embed_ = register_module("class_embed", torch::nn::ModuleList());
  bbox_embed_ = register_module("bbox_embed", torch::nn::ModuleList());
  for (int i = 0; i < config.decoder_layers; ++i) {
    layers_->push_back(QueryLayer(config, level_count));
    class_embed_->push_back(Dense(width, label_count));
    bbox_embed_->push_back(DenseStack(width, width, kBoxSides, 3));
  }
}

QueryOutput RtDetrDecoderImpl::forward(at::Tensor queries, const at::Tensor& box_logits,
                                       const PyramidRows& pyramid) const {
  at::Tensor boxes = box_logits.sigmoid();
  for (size_t i = 0; i < layers_->size(); ++i) {
    const at::Tensor positions = query_pos_head_->forward(boxes.to(queries.scalar_type()));
    queries = (*layers_)[i]->as<QueryLayerImpl>()->forward(queries, positions, boxes, pyramid);
    const at::Tensor move =
        (*bbox_embed_)[i]->as<DenseStackImpl>()->forward(queries).to(at::kFloat);
    boxes = (move + Logit(boxes)).sigmoid();
  }
  const auto* names = (*class_embed_)[class_embed_->size() - 1]->as<DenseImpl>();
  return {names->forward(queries).to(at::kFloat), boxes};
}

}  // namespace mrmllm
