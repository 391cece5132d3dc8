// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_EXAMPLES_COCO_BOXES_H_
#define MRMLLM_MODEL_TRAINING_EXAMPLES_COCO_BOXES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/detection.h"

namespace mrmllm {

// The boxes of a file in COCO's format for instances, by image: `images` (id, width, height),
// `categories` (id, name) and `annotations` (image_id, category_id, bbox [x, y, width, height] in
// pixels). Other keys are passed over; boxes of crowds (iscrowd 1) are left out. Every box is sure,
// with the score 1.
//
// Errors: NOT_FOUND for the file; INVALID_ARGUMENT naming the annotation and what is wrong with it,
// a category that is none of `labels` included.
absl::StatusOr<std::map<int64_t, std::vector<Detection>>> LoadCocoBoxes(
    const std::string& path, const std::vector<std::string>& labels);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_EXAMPLES_COCO_BOXES_H_
