// SPDX-License-Identifier: Apache-2.0
#include "model/perception/detection_selection.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/perception/box_ops.h"

namespace mrmllm {
namespace {

// Enough for any photograph; bounds the quadratic suppression for a picture made to provoke it.
constexpr size_t kMaxCandidates = 2000;

// One image's part of a DetectorOutput on the CPU.
struct Places {
  const float* scores;  // [count, classes]
  const float* boxes;   // [count, 4], input pixels
  int64_t count;
  int64_t classes;
};

NormalizedBox ToDisplayed(const NormalizedBox& box, const DisplayedFrame& frame) {
  const ResizeGeometry& geometry = frame.geometry;
  const float width = geometry.scale_x * static_cast<float>(frame.width);
  const float height = geometry.scale_y * static_cast<float>(frame.height);
  return {(box.x_min - geometry.pad_x) / width, (box.y_min - geometry.pad_y) / height,
          (box.x_max - geometry.pad_x) / width, (box.y_max - geometry.pad_y) / height};
}

NormalizedBox CutOff(const NormalizedBox& box) {
  return {std::clamp(box.x_min, 0.0f, 1.0f), std::clamp(box.y_min, 0.0f, 1.0f),
          std::clamp(box.x_max, 0.0f, 1.0f), std::clamp(box.y_max, 0.0f, 1.0f)};
}

std::vector<ScoredBox> Candidates(const Places& places, float threshold) {
  std::vector<ScoredBox> candidates;
  for (int64_t place = 0; place < places.count; ++place) {
    const float* scores = places.scores + place * places.classes;
    for (int64_t label = 0; label < places.classes; ++label) {
      if (!(scores[label] >= threshold)) continue;
      const float* box = places.boxes + place * 4;
      candidates.push_back(
          {{box[0], box[1], box[2], box[3]}, static_cast<int>(label), scores[label]});
    }
  }
  return candidates;
}

// Best first; of equal scores the earlier place and the lower class.
std::vector<ScoredBox> BestFirst(std::vector<ScoredBox> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const ScoredBox& a, const ScoredBox& b) { return a.score > b.score; });
  if (candidates.size() > kMaxCandidates) candidates.resize(kMaxCandidates);
  return candidates;
}

std::vector<Detection> Select(std::vector<ScoredBox> candidates, const DisplayedFrame& frame,
                              const DetectorConfig& config) {
  candidates = BestFirst(std::move(candidates));
  for (ScoredBox& candidate : candidates) candidate.box = ToDisplayed(candidate.box, frame);
  std::vector<ScoredBox> kept = SuppressWithinClasses(candidates, config.nms_iou_threshold);
  // Below the sure threshold it would cost more average precision than one clear answer is worth.
  kept = SuppressCoincident(kept, config.coincident_iou_threshold, config.sure_threshold);
  std::vector<Detection> detections;
  for (const ScoredBox& scored : kept) {
    if (detections.size() == kMaxDetections) break;
    const NormalizedBox box = CutOff(scored.box);
    // Also false for a box that is not a number.
    if (!(box.x_max > box.x_min && box.y_max > box.y_min)) continue;
    detections.push_back({.box = box,
                          .class_id = scored.class_id,
                          .label = config.labels[scored.class_id],
                          .score = scored.score,
                          .sure = scored.score >= config.sure_threshold});
  }
  return detections;
}

}  // namespace

std::vector<std::vector<Detection>> SelectDetections(
    absl::Span<const std::vector<ScoredBox>> candidates, absl::Span<const DisplayedFrame> frames,
    const DetectorConfig& config) {
  std::vector<std::vector<Detection>> detections;
  for (size_t i = 0; i < frames.size(); ++i) {
    detections.push_back(Select(candidates[i], frames[i], config));
  }
  return detections;
}

std::vector<std::vector<Detection>> SelectDetections(const DetectorOutput& output,
                                                     absl::Span<const DisplayedFrame> frames,
                                                     const DetectorConfig& config) {
  const at::Tensor scores = output.scores.detach().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor boxes = output.boxes.detach().to(at::kCPU, at::kFloat).contiguous();
  TORCH_CHECK(scores.size(0) == static_cast<int64_t>(frames.size()) &&
                  scores.size(2) == static_cast<int64_t>(config.labels.size()),
              "detector output: expected ", frames.size(), " images and ", config.labels.size(),
              " classes, got ", scores.sizes());
  std::vector<std::vector<ScoredBox>> candidates;
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto image = static_cast<int64_t>(i);
    const Places places{scores[image].data_ptr<float>(), boxes[image].data_ptr<float>(),
                        scores.size(1), scores.size(2)};
    candidates.push_back(Candidates(places, config.candidate_threshold));
  }
  return SelectDetections(candidates, frames, config);
}

}  // namespace mrmllm
