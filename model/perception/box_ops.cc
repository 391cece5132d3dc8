// SPDX-License-Identifier: Apache-2.0
#include "model/perception/box_ops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace mrmllm {
namespace {

constexpr int64_t kSides = 4;

// Centres of the cells, row by row: [height * width, 2] as x, y in input pixels.
at::Tensor CellCentres(const PyramidLevel& level, const at::TensorOptions& options) {
  const at::Tensor y = (at::arange(level.height, options) + 0.5) * level.stride;
  const at::Tensor x = (at::arange(level.width, options) + 0.5) * level.stride;
  return at::stack({x.repeat({level.height}), y.repeat_interleave(level.width)}, -1);
}

}  // namespace

at::Tensor DecodeDistribution(const at::Tensor& logits, const PyramidLevel& level) {
  const int64_t bins = logits.size(-1) / kSides;
  const at::Tensor probabilities =
      logits.unflatten(-1, {kSides, bins}).softmax(-1);  // [B, P, 4, bins]
  const at::Tensor distances =
      at::matmul(probabilities, at::arange(bins, logits.options())) * level.stride;  // [B, P, 4]
  const at::Tensor centres = CellCentres(level, logits.options());                   // [P, 2]
  const at::Tensor low = centres - distances.narrow(-1, 0, 2);
  const at::Tensor high = centres + distances.narrow(-1, 2, 2);
  const at::Tensor edges =
      at::tensor({level.width * level.stride, level.height * level.stride}, logits.options());
  return at::cat({at::minimum(low.clamp_min(0), edges), at::minimum(high.clamp_min(0), edges)}, -1);
}

NormalizedBox DecodeBox(absl::Span<const float> logits, const PyramidLevel& level, int64_t place) {
  const size_t bins = logits.size() / kSides;
  std::array<float, kSides> distances;
  for (size_t side = 0; side < kSides; ++side) {
    const absl::Span<const float> of_side = logits.subspan(side * bins, bins);
    const float largest = *std::max_element(of_side.begin(), of_side.end());
    float sum = 0, weighted = 0;
    for (size_t bin = 0; bin < bins; ++bin) {
      const float probability = std::exp(of_side[bin] - largest);
      sum += probability;
      weighted += probability * static_cast<float>(bin);
    }
    distances[side] = weighted / sum * static_cast<float>(level.stride);
  }
  const auto stride = static_cast<float>(level.stride);
  const float x = (static_cast<float>(place % level.width) + 0.5f) * stride;
  const float y = (static_cast<float>(place / level.width) + 0.5f) * stride;
  const float right = static_cast<float>(level.width) * stride;
  const float bottom = static_cast<float>(level.height) * stride;
  return {std::clamp(x - distances[0], 0.0f, right), std::clamp(y - distances[1], 0.0f, bottom),
          std::clamp(x + distances[2], 0.0f, right), std::clamp(y + distances[3], 0.0f, bottom)};
}

float IntersectionOverUnion(const NormalizedBox& a, const NormalizedBox& b) {
  const float width = std::min(a.x_max, b.x_max) - std::max(a.x_min, b.x_min);
  const float height = std::min(a.y_max, b.y_max) - std::max(a.y_min, b.y_min);
  if (!(width > 0 && height > 0)) return 0;
  const float intersection = width * height;
  return intersection / (a.area() + b.area() - intersection);
}

std::vector<ScoredBox> SuppressWithinClasses(absl::Span<const ScoredBox> boxes,
                                             float iou_threshold) {
  std::unordered_map<int, std::vector<NormalizedBox>> kept_of_class;
  std::vector<ScoredBox> kept;
  for (const ScoredBox& candidate : boxes) {
    std::vector<NormalizedBox>& better = kept_of_class[candidate.class_id];
    const bool overlapped = std::any_of(better.begin(), better.end(), [&](const auto& box) {
      return IntersectionOverUnion(box, candidate.box) > iou_threshold;
    });
    if (overlapped) continue;
    better.push_back(candidate.box);
    kept.push_back(candidate);
  }
  return kept;
}

std::vector<ScoredBox> SuppressCoincident(absl::Span<const ScoredBox> boxes, float iou_threshold,
                                          float min_score) {
  // Only then could a box be the very same one, and 1 says that none is dropped.
  if (iou_threshold >= 1) return {boxes.begin(), boxes.end()};
  std::vector<ScoredBox> kept;
  for (const ScoredBox& candidate : boxes) {
    const bool coincident =
        candidate.score >= min_score &&
        std::any_of(kept.begin(), kept.end(), [&](const ScoredBox& better) {
          return better.class_id != candidate.class_id &&
                 IntersectionOverUnion(better.box, candidate.box) >= iou_threshold;
        });
    if (!coincident) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace mrmllm
