// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/shared_query_fusion.h"

#include <cmath>
#include <string>

#include "model/fusion/heads.h"

namespace mrmllm {
namespace {

// [B, C, h, w] -> tokens [B, h * w, D] of the stream with this embedding [D].
at::Tensor Tokens(const at::Tensor& features, const Affine& project, const at::Tensor& embedding) {
  const at::Tensor flat = features.flatten(2).transpose(1, 2);  // [B, h * w, C]
  const at::Tensor tokens = project->forward(flat);
  const at::Tensor places = PlaceEncoding(features.size(2), features.size(3), tokens.size(2));
  return tokens + embedding + places.to(tokens.options());
}

}  // namespace

QueryAttentionImpl::QueryAttentionImpl(int64_t width, int64_t heads) : heads_(heads) {
  q_proj = register_module("q_proj", Projection(width, width));
  k_proj = register_module("k_proj", Projection(width, width));
  v_proj = register_module("v_proj", Projection(width, width));
  o_proj = register_module("o_proj", Projection(width, width));
}

at::Tensor QueryAttentionImpl::forward(const at::Tensor& x, const at::Tensor& from) const {
  return o_proj->forward(
      AttendInHeads(q_proj->forward(x), k_proj->forward(from), v_proj->forward(from), heads_));
}

QueryBlockImpl::QueryBlockImpl(const FusionConfig& config) {
  const int64_t width = config.width;
  norm1 = register_module("norm1", RmsNorm(width, kFusionNormEpsilon));
  self_attn = register_module("self_attn", QueryAttention(width, config.num_heads));
  norm2 = register_module("norm2", RmsNorm(width, kFusionNormEpsilon));
  cross_attn = register_module("cross_attn", QueryAttention(width, config.num_heads));
  norm3 = register_module("norm3", RmsNorm(width, kFusionNormEpsilon));
  auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  up_proj_ = mlp->register_module("up_proj", Projection(width, 4 * width));
  down_proj_ = mlp->register_module("down_proj", Projection(4 * width, width));
}

at::Tensor QueryBlockImpl::forward(at::Tensor queries, const at::Tensor& tokens) const {
  const at::Tensor own = norm1->forward(queries);
  queries = queries + self_attn->forward(own, own);
  queries = queries + cross_attn->forward(norm2->forward(queries), tokens);
  return queries + down_proj_->forward(at::silu(up_proj_->forward(norm3->forward(queries))));
}

SharedQueryFusionImpl::SharedQueryFusionImpl(const ModelConfig& config) {
  const int64_t width = config.fusion.width;
  TORCH_CHECK(width % 4 == 0 && width % config.fusion.num_heads == 0,
              "fusion.width: expected a multiple of 4 and of num_heads, got ", width);
  queries = RegisterUninitialized(*this, "queries", {config.fusion.num_queries, width});
  comprehension_proj =
      register_module("comprehension_proj", Affine(config.vision_encoder.feature_channels, width));
  perception_proj =
      register_module("perception_proj", Affine(config.detector.neck_channels, width));
  auto embedding = register_module("level_embedding", std::make_shared<torch::nn::Module>());
  level_embedding_ = RegisterUninitialized(
      *embedding, "weight", {1 + static_cast<int64_t>(config.detector.strides.size()), width});
  auto blocks = register_module("blocks", std::make_shared<torch::nn::Module>());
  for (int i = 0; i < config.fusion.num_blocks; ++i) {
    blocks_.push_back(blocks->register_module(std::to_string(i), QueryBlock(config.fusion)));
  }
  norm = register_module("norm", RmsNorm(width, kFusionNormEpsilon));
}

at::Tensor SharedQueryFusionImpl::forward(const at::Tensor& comprehension,
                                          const std::vector<at::Tensor>& perception) const {
  TORCH_CHECK(static_cast<int64_t>(perception.size()) + 1 == level_embedding_.size(0),
              "fusion: expected ", level_embedding_.size(0) - 1, " perception levels, got ",
              perception.size());
  std::vector<at::Tensor> streams = {
      Tokens(comprehension, comprehension_proj, level_embedding_[0])};
  for (size_t level = 0; level < perception.size(); ++level) {
    streams.push_back(Tokens(PoolToBudget(perception[level]), perception_proj,
                             level_embedding_[static_cast<int64_t>(level) + 1]));
  }
  const at::Tensor tokens = at::cat(streams, 1);  // [B, N_m + N_p, D]
  at::Tensor q = queries.unsqueeze(0).expand({tokens.size(0), -1, -1}).contiguous();
  for (const QueryBlock& block : blocks_) q = block->forward(q, tokens);
  return norm->forward(q);  // Q_shared
}

at::Tensor PoolToBudget(const at::Tensor& level) {
  int64_t side = 1;
  const auto tokens = [&] {
    return ((level.size(2) + side - 1) / side) * ((level.size(3) + side - 1) / side);
  };
  while (tokens() > kMaxTokensPerLevel) side *= 2;
  if (side == 1) return level;
  return at::avg_pool2d(level, {side, side}, {side, side}, /*padding=*/{0, 0}, /*ceil_mode=*/true,
                        /*count_include_pad=*/false);
}

at::Tensor PlaceEncoding(int64_t height, int64_t width_in_places, int64_t width) {
  const int64_t count = width / 4;  // frequencies an axis
  const at::Tensor frequencies =
      at::exp(at::arange(count, at::kFloat) * (-std::log(100.0) / count)) * (2 * M_PI);
  const auto axis = [&](int64_t places) {  // [places, width / 2], of centres in (0, 1)
    const at::Tensor at = (at::arange(places, at::kFloat) + 0.5) / static_cast<double>(places);
    const at::Tensor angles = at::outer(at, frequencies * 4);
    return at::cat({angles.sin(), angles.cos()}, 1);
  };
  const at::Tensor y = axis(height).unsqueeze(1).expand({-1, width_in_places, -1});
  const at::Tensor x = axis(width_in_places).unsqueeze(0).expand({height, -1, -1});
  return at::cat({y, x}, 2).reshape({height * width_in_places, width});
}

}  // namespace mrmllm
