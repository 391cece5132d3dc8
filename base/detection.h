// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_DETECTION_H_
#define MRMLLM_BASE_DETECTION_H_

#include <string>

namespace mrmllm {

// A box in fractions [0, 1] of the displayed image's width and height, origin top-left, x_min <=
// x_max, y_min <= y_max.
struct NormalizedBox {
  float x_min = 0;
  float y_min = 0;
  float x_max = 0;
  float y_max = 0;

  float area() const { return (x_max - x_min) * (y_max - y_min); }
  bool operator==(const NormalizedBox&) const = default;
};

// One object that the detector found.
struct Detection {
  NormalizedBox box;
  int class_id = 0;         // index into the bundle's detector labels
  std::string label;        // the detector's name of the class: "dog"
  float score = 0;          // (0, 1)
  bool sure = false;        // score is at or above the bundle's sure_threshold
  std::string finer_label;  // the comprehension encoder's finer name: "golden retriever"; empty
                            // when it has none
  float finer_score = 0;    // its probability among the names compatible with `label`, [0, 1]
  std::string color;        // the basic color term that most of it has: "red"; empty when none has
  float color_score = 0;    // share of its pixels, centre-weighted, that have it, [0, 1]
  bool from_second_look = false;  // the box comes from a second look at a part of the image
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_DETECTION_H_
