// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_PLAN_H_
#define MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_PLAN_H_

#include <set>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "base/perception_settings.h"

namespace mrmllm {

// What a choice of regions goes by.
struct SecondLookReasons {
  absl::Span<const Detection> detections;  // of the first look, from the candidate threshold on
  int width = 0;                           // pixels, of the displayed image
  int height = 0;                          // pixels
  int detail_side = 0;      // longest side of the pixels that regions are cut from, at most
  int input_size = 0;       // side of the detector's input, pixels
  std::set<int> class_ids;  // the classes that are asked for; empty: none in particular
};

// Where a second look at full resolution promises most, best first. Regions are squares: they leave
// nothing of the detector's input empty. A square is worth what it may settle: the boxes in it,
// each the more the less is known of it, of the asked classes alone if there are any.
//
// kAutomatic looks for asked classes: everywhere, as one may have been missed, and then closer at
// their boxes. An image that nothing in particular is asked of gets none: one square, chosen by
// doubt alone, was measured to cost as much as the first look and to bring nothing. Nor does an
// image that the first look saw in full. kAlways goes on to max_crops, coarse squares first; kOff
// takes none.
//
// Thread-safety: safe. Deterministic.
std::vector<NormalizedBox> PlanSecondLook(const SecondLookReasons& reasons,
                                          const SecondLookSettings& settings);

// Squares of `side` pixels that cover an image, neighbours overlapping by a quarter or more, row by
// row; where a side is longer than the image's it ends there. In fractions of the image.
// REQUIRES: all > 0.
std::vector<NormalizedBox> CoveringSquares(int width, int height, float side);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_PLAN_H_
