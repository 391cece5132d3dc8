// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/perception_reinforcement.h"

#include <algorithm>

#include "model/fusion/heads.h"

namespace mrmllm {

PerceptionReinforcementImpl::PerceptionReinforcementImpl(const ModelConfig& config)
    : heads_(config.fusion.num_heads) {
  const int64_t width = config.fusion.width;
  const int64_t neck_width = config.detector.neck_channels;
  const auto levels = static_cast<int64_t>(config.detector.strides.size());
  q_proj = register_module("q_proj", Projection(neck_width, width));
  k_proj = register_module("k_proj", Projection(width, width));
  v_proj = register_module("v_proj", Projection(width, width));
  o_proj = register_module("o_proj", Projection(width, neck_width));
  gate = RegisterUninitialized(*this, "gate", {levels});
  open_.assign(levels, true);
}

void PerceptionReinforcementImpl::Prepare() {
  for (size_t level = 0; level < open_.size(); ++level) {
    open_[level] = gate[static_cast<int64_t>(level)].item<float>() != 0;
  }
}

bool PerceptionReinforcementImpl::closed() const {
  return std::none_of(open_.begin(), open_.end(), [](bool open) { return open; });
}

std::vector<at::Tensor> PerceptionReinforcementImpl::forward(
    const std::vector<at::Tensor>& perception, const at::Tensor& q_shared) const {
  TORCH_CHECK(perception.size() == open_.size(), "fusion: expected ", open_.size(),
              " perception levels, got ", perception.size());
  if (closed() && !compute_closed_paths_) return perception;
  const at::Tensor k = k_proj->forward(q_shared);  // [B, K, D]
  const at::Tensor v = v_proj->forward(q_shared);
  std::vector<at::Tensor> reinforced = perception;
  for (size_t level = 0; level < perception.size(); ++level) {
    if (!open_[level] && !compute_closed_paths_) continue;
    const at::Tensor& features = perception[level];
    const at::Tensor places = features.flatten(2).transpose(1, 2);  // [B, h * w, D_p]
    const at::Tensor read = o_proj->forward(AttendInHeads(q_proj->forward(places), k, v, heads_));
    const at::Tensor update = read.transpose(1, 2).reshape(features.sizes());
    // Vf_p' = Vf_p + gate * attend(Vf_p, Q_shared)
    reinforced[level] = features + gate[static_cast<int64_t>(level)] * update;
  }
  return reinforced;
}

}  // namespace mrmllm
