// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/attention.h"

#include "model/language/kernels/lanes.h"
#include "model/language/kv_cache.h"

namespace mrmllm {
namespace {

// Longer runs of one sequence's tokens go to libtorch's blocked attention.
constexpr int64_t kMaxKernelRows = 16;

// [kv_heads, L, head_dim] -> [1, heads, L, head_dim], each key-value head serving a group of heads.
at::Tensor RepeatHeads(const at::Tensor& x, int64_t heads) {
  const int64_t group = heads / x.size(0);
  if (group == 1) return x.unsqueeze(0);
  return x.unsqueeze(1)
      .expand({x.size(0), group, x.size(1), x.size(2)})
      .reshape({1, heads, x.size(1), x.size(2)});
}

}  // namespace

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
  q_proj = register_module("q_proj", Projection(width, q_width));
  k_proj = register_module("k_proj", Projection(width, kv_width));
  v_proj = register_module("v_proj", Projection(width, kv_width));
  o_proj = register_module("o_proj", Projection(q_width, width));
}

void AttentionImpl::Prepare() {
  qkv_weight_ = FuseRows({q_proj->weight, k_proj->weight, v_proj->weight});
}

void AttentionImpl::ForwardOnto(at::Tensor& residual, const at::Tensor& x,
                                const DecoderStep& step) const {
  at::Tensor qkv = Project(x, qkv_weight_);
  ProjectOnto(residual, Attend(qkv, step), o_proj->weight);
}

at::Tensor AttentionImpl::Attend(at::Tensor& qkv, const DecoderStep& step) const {
  const bool whole_vectors = shape_.head_dim % (2 * kernels::kLanes) == 0;
  return UsesCpuKernels(qkv) && whole_vectors ? AttendWithKernels(qkv, step)
                                              : AttendPlain(qkv, step);
}

at::Tensor AttentionImpl::AttendPlain(const at::Tensor& qkv, const DecoderStep& step) const {
  const auto parts = qkv.view({qkv.size(0), -1, shape_.head_dim})
                         .split_with_sizes({shape_.heads, shape_.kv_heads, shape_.kv_heads}, 1);
  const at::Tensor q = step.rotary->Rotate(parts[0], step.positions);  // [N, heads, head_dim]
  const at::Tensor k = step.rotary->Rotate(parts[1], step.positions);  // [N, kv_heads, head_dim]
  std::vector<at::Tensor> outs;
  for (const Segment& s : step.segments) {
    const int64_t length = s.position + s.row_count;
    const at::Tensor keys = s.cache->Keys(layer_).narrow(1, 0, length);
    const at::Tensor values = s.cache->Values(layer_).narrow(1, 0, length);
    keys.narrow(1, s.position, s.row_count)
        .copy_(k.narrow(0, s.row_begin, s.row_count).transpose(0, 1));
    values.narrow(1, s.position, s.row_count)
        .copy_(parts[2].narrow(0, s.row_begin, s.row_count).transpose(0, 1));
    outs.push_back(CausalAttention(q.narrow(0, s.row_begin, s.row_count), keys, values));
  }
  return at::cat(outs, 0);
}

at::Tensor AttentionImpl::AttendWithKernels(at::Tensor& qkv, const DecoderStep& step) const {
  const std::vector<kernels::CacheRow> rows = CacheRows(step);
  const int64_t n = qkv.size(0);
  const int64_t width = shape_.heads * shape_.head_dim;
  float* data = qkv.mutable_data_ptr<float>();
  kernels::RotateAndStore(shape_, n, rows.data(), step.rotary->cosine().const_data_ptr<float>(),
                          step.rotary->sine().const_data_ptr<float>(), data);
  at::Tensor out = at::empty({n, width}, qkv.options());
  int64_t done = 0;  // rows before it are attended; consecutive short segments go together
  const auto attend_until = [&](int64_t end) {
    if (end > done) {
      kernels::AttendToCache(shape_, end - done, rows.data() + done,
                             data + done * shape_.qkv_width(),
                             out.mutable_data_ptr<float>() + done * width);
    }
  };
  for (const Segment& s : step.segments) {
    if (s.row_count <= kMaxKernelRows) continue;
    attend_until(s.row_begin);
    const int64_t length = s.position + s.row_count;
    const at::Tensor q = qkv.narrow(0, s.row_begin, s.row_count).narrow(1, 0, width);
    out.narrow(0, s.row_begin, s.row_count)
        .copy_(CausalAttention(q.view({s.row_count, shape_.heads, shape_.head_dim}),
                               s.cache->Keys(layer_).narrow(1, 0, length),
                               s.cache->Values(layer_).narrow(1, 0, length)));
    done = s.row_begin + s.row_count;
  }
  attend_until(n);
  return out;
}

std::vector<kernels::CacheRow> AttentionImpl::CacheRows(const DecoderStep& step) const {
  std::vector<kernels::CacheRow> rows;
  rows.reserve(step.segments.back().row_begin + step.segments.back().row_count);
  for (const Segment& s : step.segments) {
    const int64_t head_stride = s.cache->capacity() * shape_.head_dim;
    const int64_t half = shape_.kv_heads * head_stride;  // keys, then values
    float* key = s.cache->storage().mutable_data_ptr<float>() + layer_ * 2 * half;
    for (int64_t i = 0; i < s.row_count; ++i) {
      rows.push_back({key, key + half, head_stride, s.position + i});
    }
  }
  return rows;
}

}  // namespace mrmllm
