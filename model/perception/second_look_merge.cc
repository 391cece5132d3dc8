// SPDX-License-Identifier: Apache-2.0
#include "model/perception/second_look_merge.h"

#include <algorithm>

#include "model/perception/box_ops.h"
#include "model/perception/detection_selection.h"

namespace mrmllm {
namespace {

constexpr float kSameObjectIou = 0.5f;
constexpr float kEdge = 0.03f;     // of a region's side: a box that comes so close is cut
constexpr float kMostSide = 0.6f;  // of a region's: what fills more was seen well by the first look

bool CutByInnerEdge(const NormalizedBox& box, const NormalizedBox& region) {
  const float x_margin = kEdge * (region.x_max - region.x_min);
  const float y_margin = kEdge * (region.y_max - region.y_min);
  return (region.x_min > 0 && box.x_min < region.x_min + x_margin) ||
         (region.y_min > 0 && box.y_min < region.y_min + y_margin) ||
         (region.x_max < 1 && box.x_max > region.x_max - x_margin) ||
         (region.y_max < 1 && box.y_max > region.y_max - y_margin);
}

bool FillsRegion(const NormalizedBox& box, const NormalizedBox& region) {
  return box.area() > kMostSide * kMostSide * region.area();
}

std::vector<Detection> Gather(absl::Span<const Detection> first,
                              absl::Span<const RegionDetections> regions) {
  std::vector<Detection> all(first.begin(), first.end());
  for (const RegionDetections& seen : regions) {
    for (Detection detection : seen.detections) {
      if (CutByInnerEdge(detection.box, seen.region) || FillsRegion(detection.box, seen.region)) {
        continue;
      }
      detection.from_second_look = true;
      all.push_back(std::move(detection));
    }
  }
  // Of equal scores the first look's comes first.
  std::stable_sort(all.begin(), all.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  return all;
}

bool Suppresses(const Detection& better, const Detection& other, const DetectorConfig& config) {
  const float iou = IntersectionOverUnion(better.box, other.box);
  if (better.class_id == other.class_id) return iou > kSameObjectIou;
  return other.score >= config.sure_threshold && iou >= config.coincident_iou_threshold;
}

void KeepNames(Detection& kept, const Detection& gone) {
  if (kept.class_id != gone.class_id) return;
  if (kept.finer_label.empty()) {
    kept.finer_label = gone.finer_label;
    kept.finer_score = gone.finer_score;
  }
  if (kept.color.empty()) {
    kept.color = gone.color;
    kept.color_score = gone.color_score;
  }
}

bool SureOverlap(absl::Span<const Detection> boxes, const NormalizedBox& box) {
  return std::any_of(boxes.begin(), boxes.end(), [&](const Detection& other) {
    return other.sure && IntersectionOverUnion(other.box, box) > kSameObjectIou;
  });
}

}  // namespace

MergedLooks MergeLooks(absl::Span<const Detection> first,
                       absl::Span<const RegionDetections> regions, const DetectorConfig& config) {
  MergedLooks merged;
  for (const Detection& candidate : Gather(first, regions)) {
    const auto better =
        std::find_if(merged.detections.begin(), merged.detections.end(),
                     [&](const Detection& kept) { return Suppresses(kept, candidate, config); });
    if (better == merged.detections.end()) {
      merged.detections.push_back(candidate);
      continue;
    }
    KeepNames(*better, candidate);
    if (candidate.sure && !candidate.from_second_look && better->from_second_look) {
      ++merged.changed_count;
    }
  }
  if (merged.detections.size() > kMaxDetections) merged.detections.resize(kMaxDetections);
  for (const Detection& kept : merged.detections) {
    if (kept.sure && kept.from_second_look && !SureOverlap(first, kept.box)) ++merged.added_count;
  }
  return merged;
}

}  // namespace mrmllm
