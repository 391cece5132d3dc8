// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_BOX_OPS_H_
#define MRMLLM_MODEL_PERCEPTION_BOX_OPS_H_

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"

namespace mrmllm {

// One map of the detector's pyramid.
struct PyramidLevel {
  int64_t height = 0;  // cells
  int64_t width = 0;   // cells
  int stride = 0;      // input pixels from one cell to the next
};

// Boxes from the distribution over each side's distance (generalized focal loss, arXiv 2006.04388):
// distance = stride * sum_i i * softmax(logits)_i, from (cell + 0.5) * stride to the left, top,
// right and bottom. logits [B, height * width, 4 * bins] -> [B, height * width, 4]: x_min, y_min,
// x_max, y_max in input pixels, cut off at the input's edges.
at::Tensor DecodeDistribution(const at::Tensor& logits, const PyramidLevel& level);

// The same of one place alone: `logits` [4 * bins] of cell number `place`, row by row.
NormalizedBox DecodeBox(absl::Span<const float> logits, const PyramidLevel& level, int64_t place);

// A box with its class and score, in whatever unit all of them share.
struct ScoredBox {
  NormalizedBox box;
  int class_id = 0;
  float score = 0;
};

// Area of the intersection over area of the union, [0, 1]; 0 for boxes without area.
float IntersectionOverUnion(const NormalizedBox& a, const NormalizedBox& b);

// Greedy suppression within each class: keeps a box unless a better one of its class overlaps it by
// more than `iou_threshold`. REQUIRES: `boxes` come best score first. Keeps that order.
std::vector<ScoredBox> SuppressWithinClasses(absl::Span<const ScoredBox> boxes,
                                             float iou_threshold);

// One object under two classes: drops a box that overlaps a better kept one of another class by
// `iou_threshold` or more. Boxes that score below `min_score` are left alone. REQUIRES and order as
// above.
std::vector<ScoredBox> SuppressCoincident(absl::Span<const ScoredBox> boxes, float iou_threshold,
                                          float min_score);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_BOX_OPS_H_
