// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_SCENE_SUMMARY_H_
#define MRMLLM_MODEL_PROMPT_SCENE_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"

namespace mrmllm {

// The detections of one class in one image.
struct ClassObjects {
  std::string label;
  std::vector<const Detection*> sure;  // best score first
  int unsure_count = 0;
};

// Detections by class: those with most sure objects first, then by label. The result points into
// `detections`.
std::vector<ClassObjects> GroupByClass(absl::Span<const Detection> detections);

// Where a box is on a 3 x 3 grid: "top left", "center", "bottom", "right", ...
std::string PlaceOf(const NormalizedBox& box);

// One line a class with sure objects, for at most `max_boxes` boxes in all and
// `max_boxes_per_class` of each class: place, center in percent of width and height, and area in
// percent.
//
//   person x2: left 12,40 24%; bottom right 70,85 3%
//   dog x1 (golden retriever 0.83): center 50,52 30%
std::string DescribeBoxes(const std::vector<ClassObjects>& classes, int max_boxes_per_class,
                          int max_boxes);

// "2 people, 1 dog and 1 chair", of at most `max_classes` classes; empty if nothing is sure.
std::string DescribeCounts(const std::vector<ClassObjects>& classes, int max_classes);

// "cat and dog": classes of which nothing is sure; empty if there are none.
std::string DescribeUnsure(const std::vector<ClassObjects>& classes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_SCENE_SUMMARY_H_
