// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/attention.h"

#include "model/language/kernels/lanes.h"
#include "model/language/kv/kv_cache.h"

namespace mrmllm {
namespace {

// [kv_heads, L, head_dim] -> [1, heads, L, head_dim], each key-value head serving a group of heads.
at::Tensor RepeatHeads(const at::Tensor& x, int64_t heads) {
  const int64_t group = heads / x.size(0);
  if (group == 1) return x.unsqueeze(0);
  return x.unsqueeze(1)
      .expand({x.size(0), group, x.size(1), x.size(2)})
      .reshape({1, heads, x.size(1), x.size(2)});
}

}  // namespace

void DecoderStep::LocateRows() {
  const int64_t count = segments.back().row_begin + segments.back().row_count;
  at::Tensor places = at::empty({2, count}, at::kLong);
  int64_t* block = places.mutable_data_ptr<int64_t>();
  int64_t* slot = block + count;
  for (const Segment& s : segments) {
    TORCH_CHECK(&s.cache->pool() == &segments.front().cache->pool(),
                "attention: the sequences of a step are kept in one pool");
    const absl::Span<const int32_t> table = s.cache->blocks();
    rows.push_back({s.row_begin, s.row_count, s.position, table.data()});
    for (int64_t t = s.position; t < s.position + s.row_count; ++t) {
      *block++ = table[t / KvPool::kBlockTokens];
      *slot++ = t % KvPool::kBlockTokens;
    }
  }
  places = places.to(positions.device());
  blocks = places[0];
  slots = places[1];
}

at::Tensor CausalAttention(const at::Tensor& q, const at::Tensor& key, const at::Tensor& value) {
  const int64_t count = q.size(0);
  const int64_t past = key.size(1) - count;
  std::optional<at::Tensor> mask;
  if (past > 0 && count > 1) {
    // is_causal would align the triangle to the first key, not to the last.
    mask = at::ones({count, key.size(1)}, q.options().dtype(at::kBool)).tril(past);
  }
  const at::Tensor out = at::scaled_dot_product_attention(
      q.transpose(0, 1).unsqueeze(0), RepeatHeads(key, q.size(1)), RepeatHeads(value, q.size(1)),
      mask, /*dropout_p=*/0.0, /*is_causal=*/past == 0 && count > 1);  // [1, heads, T, head_dim]
  return out.squeeze(0).transpose(0, 1).reshape({count, -1});
}

AttentionImpl::AttentionImpl(const LanguageConfig& config, int layer)
    : layer_(layer),
      shape_{config.num_attention_heads, config.num_key_value_heads, config.head_dim} {
  const int64_t width = config.hidden_size;
  const int64_t q_width = shape_.heads * shape_.head_dim;
  const int64_t kv_width = shape_.kv_heads * shape_.head_dim;
  q_proj = register_module("q_proj", Projection(width, q_width, config.attention_bias));
  k_proj = register_module("k_proj", Projection(width, kv_width, config.attention_bias));
  v_proj = register_module("v_proj", Projection(width, kv_width, config.attention_bias));
  o_proj = register_module("o_proj", Projection(q_width, width));
}

void AttentionImpl::Prepare() {
  qkv_weight_ = FuseRows({q_proj->weight, k_proj->weight, v_proj->weight});
  if (q_proj->bias.defined()) qkv_bias_ = FuseRows({q_proj->bias, k_proj->bias, v_proj->bias});
}

void AttentionImpl::ForwardOnto(at::Tensor& residual, const at::Tensor& x,
                                const DecoderStep& step) const {
  at::Tensor qkv = Project(x, qkv_weight_);
  ProjectOnto(residual, Attend(qkv, step), o_proj->weight);
}

at::Tensor AttentionImpl::Attend(at::Tensor& qkv, const DecoderStep& step) const {
  if (qkv_bias_.defined()) qkv.add_(qkv_bias_);
  const bool whole_vectors = shape_.head_dim % (2 * kernels::kLanes) == 0;
  return UsesCpuKernels(qkv) && whole_vectors ? AttendWithKernels(qkv, step)
                                              : AttendPlain(qkv, step);
}

at::Tensor AttentionImpl::AttendPlain(const at::Tensor& qkv, const DecoderStep& step) const {
  const auto parts = qkv.view({qkv.size(0), -1, shape_.head_dim})
                         .split_with_sizes({shape_.heads, shape_.kv_heads, shape_.kv_heads}, 1);
  const at::Tensor q = step.rotary->Rotate(parts[0], step.positions);  // [N, heads, head_dim]
  const at::Tensor k = step.rotary->Rotate(parts[1], step.positions);  // [N, kv_heads, head_dim]
  const KvPool& pool = step.segments.front().cache->pool();
  at::Tensor keys = pool.Keys(layer_);
  at::Tensor values = pool.Values(layer_);
  const at::indexing::Slice all;
  keys.index_put_({step.blocks, all, all, step.slots}, k.to(keys.scalar_type()));
  values.index_put_({step.blocks, all, step.slots}, parts[2].to(values.scalar_type()));
  std::vector<at::Tensor> outs;
  for (const Segment& s : step.segments) {
    const int64_t length = s.position + s.row_count;
    const at::Tensor blocks = s.cache->block_index().narrow(0, 0, KvPool::BlocksFor(length));
    const at::Tensor key = keys.index_select(0, blocks)  // [blocks, kv_heads, head_dim, tokens]
                               .permute({1, 0, 3, 2})
                               .reshape({shape_.kv_heads, -1, shape_.head_dim})
                               .narrow(1, 0, length);
    const at::Tensor value = values
                                 .index_select(0, blocks)  // [blocks, kv_heads, tokens, head_dim]
                                 .transpose(0, 1)
                                 .reshape({shape_.kv_heads, -1, shape_.head_dim})
                                 .narrow(1, 0, length);
    outs.push_back(CausalAttention(q.narrow(0, s.row_begin, s.row_count), key.to(q.scalar_type()),
                                   value.to(q.scalar_type())));
  }
  return at::cat(outs, 0);
}

at::Tensor AttentionImpl::AttendWithKernels(at::Tensor& qkv, const DecoderStep& step) const {
  const kernels::StepRows rows{step.rows.data(), static_cast<int64_t>(step.rows.size())};
  const kernels::LayerBlocks layer = step.segments.front().cache->pool().Layer(layer_);
  kernels::RotateAndStore(shape_, rows, layer, step.rotary->cosine().const_data_ptr<float>(),
                          step.rotary->sine().const_data_ptr<float>(),
                          qkv.mutable_data_ptr<float>());
  at::Tensor out = at::empty({qkv.size(0), shape_.heads * shape_.head_dim}, qkv.options());
  kernels::AttendToBlocks(shape_, rows, layer, qkv.const_data_ptr<float>(),
                          out.mutable_data_ptr<float>());
  return out;
}

}  // namespace mrmllm
