// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_SHARED_QUERY_FUSION_H_
#define MRMLLM_MODEL_FUSION_SHARED_QUERY_FUSION_H_

#include <torch/torch.h>

#include <vector>

#include "model/config.h"
#include "model/fusion/projector.h"

namespace mrmllm {

// Attention with projections of its own: queries x [B, T, D] read `from` [B, S, D].
class QueryAttentionImpl : public torch::nn::Module {
 public:
  QueryAttentionImpl(int64_t width, int64_t heads);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& from) const;  // [B, T, D]

 private:
  Projection q_proj{nullptr};
  Projection k_proj{nullptr};
  Projection v_proj{nullptr};
  Projection o_proj{nullptr};
  int64_t heads_;
};
TORCH_MODULE(QueryAttention);

// One transformer block: the queries look at each other, then at both streams, then think.
class QueryBlockImpl : public torch::nn::Module {
 public:
  explicit QueryBlockImpl(const FusionConfig& config);
  at::Tensor forward(at::Tensor queries, const at::Tensor& tokens) const;  // [B, K, D]

 private:
  RmsNorm norm1{nullptr};
  QueryAttention self_attn{nullptr};
  RmsNorm norm2{nullptr};
  QueryAttention cross_attn{nullptr};
  RmsNorm norm3{nullptr};
  Projection up_proj_{nullptr};
  Projection down_proj_{nullptr};
};
TORCH_MODULE(QueryBlock);

// Q_shared = F(Vf_m, Vf_p): K learned queries read both streams through transformer blocks. A
// token is its feature, projected, plus a learned embedding of its stream (0 comprehension, 1 and
// up the detector's levels) plus a fixed sinusoidal encoding of its place.
class SharedQueryFusionImpl : public torch::nn::Module {
 public:
  explicit SharedQueryFusionImpl(const ModelConfig& config);

  // comprehension Vf_m [B, D_m, h, w]; perception Vf_p, one [B, D_p, h, w] a level, finest first
  // -> Q_shared [B, K, D].
  at::Tensor forward(const at::Tensor& comprehension,
                     const std::vector<at::Tensor>& perception) const;

 private:
  at::Tensor queries;  // [K, D]
  Affine comprehension_proj{nullptr};
  Affine perception_proj{nullptr};
  at::Tensor level_embedding_;  // [1 + levels, D]
  std::vector<QueryBlock> blocks_;
  RmsNorm norm{nullptr};
};
TORCH_MODULE(SharedQueryFusion);

// A level of the pyramid is read through averages over squares of 1, 2, 4, ... places: the smallest
// that leaves at most this many tokens, so that three levels of a 416 x 416 image cost 507 tokens
// and not 3,549.
inline constexpr int64_t kMaxTokensPerLevel = 256;
at::Tensor PoolToBudget(const at::Tensor& level);  // [B, C, h, w]

// [h * w, width], rows in raster order: sines and cosines of y, then of x. REQUIRES: width is a
// multiple of 4.
at::Tensor PlaceEncoding(int64_t height, int64_t width_in_places, int64_t width);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_SHARED_QUERY_FUSION_H_
