// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/fusion.h"

namespace mrmllm {

FusionImpl::FusionImpl(const ModelConfig& config) {
  const int64_t width = config.fusion.width;
  const int64_t language_width = config.language_model.hidden_size;
  query_fusion = register_module("query_fusion", SharedQueryFusion(config));
  perception_reinforcement =
      register_module("perception_reinforcement", PerceptionReinforcement(config));
  visual_proj = register_module("visual_proj", Projector(width, language_width));
  perception_proj = register_module("perception_proj", Projector(width, language_width));
  detection_embedding = register_module(
      "detection_embedding",
      DetectionEmbedding(static_cast<int64_t>(config.detector.labels.size()), width));
  integration_ = register_module("integration", GatedIntegration(config));
}

void FusionImpl::Prepare() {
  perception_reinforcement->Prepare();
  integration_->Prepare();
}

bool FusionImpl::reinforcement_closed() const {
  return perception_reinforcement->closed() && !compute_closed_paths_;
}

bool FusionImpl::integration_closed() const {
  return integration_->closed() && !compute_closed_paths_;
}

void FusionImpl::set_compute_closed_paths(bool compute) {
  compute_closed_paths_ = compute;
  perception_reinforcement->set_compute_closed_paths(compute);
  integration_->set_compute_closed_paths(compute);
}

at::Tensor FusionImpl::FuseQueries(const at::Tensor& comprehension,
                                   const std::vector<at::Tensor>& perception) const {
  const c10::InferenceMode inference;
  return query_fusion->forward(comprehension, perception);
}

std::vector<at::Tensor> FusionImpl::ReinforcePerception(const std::vector<at::Tensor>& perception,
                                                        const at::Tensor& q_shared) const {
  const c10::InferenceMode inference;
  return perception_reinforcement->forward(perception, q_shared);
}

std::shared_ptr<const CrossModalMemory> FusionImpl::BuildMemory(
    absl::Span<const ImageMemoryInput> images) const {
  if (integration_closed()) return nullptr;
  const c10::InferenceMode inference;
  std::vector<at::Tensor> rows;
  for (const ImageMemoryInput& image : images) {
    if (image.q_shared.defined()) {
      rows.push_back(visual_proj->forward(image.q_shared) +
                     perception_proj->forward(image.q_shared));  // V_proj + P_proj
    }
    if (!image.detections.empty()) {
      rows.push_back(perception_proj->forward(detection_embedding->forward(image.detections)));
    }
  }
  if (rows.empty()) return nullptr;
  return std::make_shared<const CrossModalMemory>(integration_->Remember(at::cat(rows, 0)));
}

}  // namespace mrmllm
