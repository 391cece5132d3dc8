// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_ANNOTATE_H_
#define MRMLLM_CLIENT_DRAW_ANNOTATE_H_

#include <string>

#include "client/draw/palette.h"
#include "mrmllm/v1/detection.pb.h"
#include "opencv2/core/mat.hpp"

namespace mrmllm {

// The colour of an object's box and of the words that name it: one for each class.
Color ColorOf(const v1::Detection& detection);

// What stands on an object's label, if there is room: "dog 91%", "brown dog 91% · golden
// retriever".
std::string LabelOf(const v1::Detection& detection);

// A copy of `picture` (8 bits, BGR, as displayed) with a box and a label for every object, sized to
// the picture. A picture too small to write on is enlarged. Boxes of objects the model is not sure
// of are thinner. Parts that were looked at again have a thin dashed frame, and boxes that come
// from there a dot on a corner.
cv::Mat WithBoxes(const cv::Mat& picture, const v1::ImageDetections& detections);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_ANNOTATE_H_
