// SPDX-License-Identifier: Apache-2.0
#include "model/fusion/detection_embedding.h"

#include <algorithm>

namespace mrmllm {
namespace {

constexpr int64_t kFeatures = 6;

}  // namespace

DetectionEmbeddingImpl::DetectionEmbeddingImpl(int64_t label_count, int64_t width) {
  auto embedding = register_module("label_embedding", std::make_shared<torch::nn::Module>());
  label_embedding_ = RegisterUninitialized(*embedding, "weight", {label_count, width});
  box_proj = register_module("box_proj", Affine(kFeatures, width));
}

at::Tensor DetectionEmbeddingImpl::forward(absl::Span<const Detection> detections) const {
  const auto count = static_cast<int64_t>(detections.size());
  at::Tensor labels = at::empty({count}, at::kLong);
  at::Tensor features = at::empty({count, kFeatures}, at::kFloat);
  int64_t* label = labels.mutable_data_ptr<int64_t>();
  float* feature = features.mutable_data_ptr<float>();
  for (const Detection& d : detections) {
    TORCH_CHECK(d.class_id >= 0 && d.class_id < label_embedding_.size(0),
                "detection.class_id: expected 0 to ", label_embedding_.size(0) - 1, ", got ",
                d.class_id);
    *label++ = d.class_id;
    for (float value :
         {d.box.x_min, d.box.y_min, d.box.x_max, d.box.y_max, d.box.area(), d.score}) {
      *feature++ = value;
    }
  }
  return label_embedding_.index_select(0, labels.to(label_embedding_.device())) +
         box_proj->forward(features.to(label_embedding_.options()));
}

}  // namespace mrmllm
