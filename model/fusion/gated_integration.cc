// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/gated_integration.h"

#include <algorithm>
#include <string>

namespace mrmllm {

GatedCrossAttentionImpl::GatedCrossAttentionImpl(const LanguageConfig& config)
    : heads_(config.num_attention_heads), kv_heads_(config.num_key_value_heads) {
  const int64_t width = config.hidden_size;
  const int64_t q_width = heads_ * config.head_dim;
  const int64_t kv_width = kv_heads_ * config.head_dim;
  norm = register_module("norm", RmsNorm(width, config.rms_norm_eps));
  q_proj = register_module("q_proj", Projection(width, q_width));
  k_proj = register_module("k_proj", Projection(width, kv_width));
  v_proj = register_module("v_proj", Projection(width, kv_width));
  o_proj = register_module("o_proj", Projection(q_width, width));
  gate = RegisterUninitialized(*this, "gate", {1});
}

CrossModalMemory::KeyValue GatedCrossAttentionImpl::Remember(const at::Tensor& rows) const {
  const auto split = [&](const at::Tensor& x) {  // [kv_heads, M, head_dim]
    return x.view({x.size(0), kv_heads_, -1}).transpose(0, 1).contiguous();
  };
  return {split(k_proj->forward(rows)), split(v_proj->forward(rows))};
}

at::Tensor GatedCrossAttentionImpl::forward(int layer, const at::Tensor& hidden,
                                            absl::Span<const Segment> segments) const {
  // The fusion may be held in a wider dtype than the decoder.
  const at::Tensor x = norm->forward(hidden.to(gate.scalar_type()));
  const at::Tensor q = q_proj->forward(x).view({hidden.size(0), heads_, -1});
  at::Tensor read = at::zeros(q.sizes(), q.options());  // [N, heads, head_dim]
  for (const Segment& s : segments) {
    if (s.memory == nullptr || s.memory->rows == 0) continue;
    const CrossModalMemory::KeyValue& memory = s.memory->layers.at(layer);
    const int64_t group = heads_ / kv_heads_;
    read.narrow(0, s.row_begin, s.row_count)
        .copy_(at::scaled_dot_product_attention(
                   q.narrow(0, s.row_begin, s.row_count).transpose(0, 1).unsqueeze(0),
                   memory.key.repeat_interleave(group, 0).unsqueeze(0),
                   memory.value.repeat_interleave(group, 0).unsqueeze(0))
                   .squeeze(0)
                   .transpose(0, 1));
  }
  const at::Tensor update = gate * o_proj->forward(read.view({hidden.size(0), -1}));
  return hidden + update.to(hidden.scalar_type());
}

GatedIntegrationImpl::GatedIntegrationImpl(const ModelConfig& config) {
  for (int n : config.fusion.integration_layers) {
    layers_.emplace(n,
                    register_module(std::to_string(n), GatedCrossAttention(config.language_model)));
    open_[n] = true;
  }
}

void GatedIntegrationImpl::Prepare() {
  for (auto& [n, layer] : layers_) open_[n] = !layer->closed();
}

bool GatedIntegrationImpl::closed() const {
  return std::none_of(open_.begin(), open_.end(), [](const auto& entry) { return entry.second; });
}

CrossModalMemory GatedIntegrationImpl::Remember(const at::Tensor& rows) const {
  CrossModalMemory memory;
  memory.rows = rows.size(0);
  for (const auto& [n, layer] : layers_) {
    if (HasLayer(n)) memory.layers[n] = layer->Remember(rows);
  }
  return memory;
}

bool GatedIntegrationImpl::HasLayer(int n) const {
  const auto found = open_.find(n);
  return found != open_.end() && (found->second || compute_closed_paths_);
}

at::Tensor GatedIntegrationImpl::Apply(int n, const at::Tensor& hidden,
                                       absl::Span<const Segment> segments) const {
  return layers_.at(n)->forward(n, hidden, segments);
}

}  // namespace mrmllm
