// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_MERGE_H_
#define MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_MERGE_H_

#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "model/config.h"

namespace mrmllm {

// What a second look saw in one region of an image.
struct RegionDetections {
  NormalizedBox region;               // of the displayed image
  std::vector<Detection> detections;  // boxes of the displayed image, best score first
};

// The boxes of two looks as one. An object that is the count's is one of the sure.
struct MergedLooks {
  std::vector<Detection> detections;  // of the displayed image, best score first
  int added_count = 0;                // objects where the first look had none
  int changed_count = 0;  // objects of the first look that the second one replaced or took away
};

// Left out are boxes that a region's edge inside the image cuts, for the first look or a neighbour
// saw the whole object, and those that fill most of a region, for the first look saw what is around
// them. Of boxes that are one object the best stays. A box that replaces one of the same class
// keeps its finer name and color; other new boxes have none yet.
//
// Thread-safety: safe. Deterministic.
MergedLooks MergeLooks(absl::Span<const Detection> first,
                       absl::Span<const RegionDetections> regions, const DetectorConfig& config);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_SECOND_LOOK_MERGE_H_
