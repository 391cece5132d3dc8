// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_ATTENTION_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_ATTENTION_H_

#include <torch/torch.h>

#include <utility>
#include <vector>

#include "model/config.h"
#include "model/language/decoder_integration.h"
#include "model/language/kernels/cached_attention.h"
#include "model/language/layers/projection.h"
#include "model/language/layers/rotary_embedding.h"

namespace mrmllm {

// What every layer of one step shares.
struct DecoderStep {
  std::vector<Segment> segments;            // ascending, together all N rows; none is empty
  at::Tensor positions;                     // [N] int64
  const RotaryEmbedding* rotary = nullptr;  // not owned

  // Where the segments' rows are kept. Call once, after `segments` and `positions` are set.
  void LocateRows();

  std::vector<kernels::SequenceRows> rows;
  at::Tensor blocks;  // [N] int64: the block of each row's keys and values ...
  at::Tensor slots;   // [N] int64: ... and its place in the block
};

// softmax(q k^T / sqrt(head_dim)) v for one sequence. q [T, heads, head_dim] are its last T tokens,
// key and value [kv_heads, L, head_dim] its whole past with them; token t reads positions up to
// L - T + t. Returns [T, heads * head_dim].
at::Tensor CausalAttention(const at::Tensor& q, const at::Tensor& key, const at::Tensor& value);

// Grouped-query self-attention with rotary positions over each sequence's own blocks.
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(const LanguageConfig& config, int layer);

  // Fuses q, k and v. Call once, after the parameters are loaded.
  void Prepare();

  // Instead of Prepare where the weights are elsewhere: the biases of q, k and v as one vector.
  void set_qkv_bias(at::Tensor bias) { qkv_bias_ = std::move(bias); }

  // residual [N, D] += attention(x [N, D]); writes the rows' keys and values into the caches.
  void ForwardOnto(at::Tensor& residual, const at::Tensor& x, const DecoderStep& step) const;

  // What lies between the products: qkv [N, (heads + 2 kv_heads) * head_dim], the biases not yet
  // added, which it may overwrite, to [N, heads * head_dim]; writes the rows' keys and values into
  // the caches.
  at::Tensor Attend(at::Tensor& qkv, const DecoderStep& step) const;

 private:
  // The two ways of Attend.
  at::Tensor AttendPlain(const at::Tensor& qkv, const DecoderStep& step) const;
  at::Tensor AttendWithKernels(at::Tensor& qkv, const DecoderStep& step) const;

  Projection q_proj{nullptr};
  Projection k_proj{nullptr};
  Projection v_proj{nullptr};
  Projection o_proj{nullptr};
  at::Tensor qkv_weight_;
  at::Tensor qkv_bias_;  // undefined: none
  int layer_;
  kernels::AttentionShape shape_;
};
TORCH_MODULE(Attention);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_ATTENTION_H_
