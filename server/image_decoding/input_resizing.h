// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_INPUT_RESIZING_H_
#define MRMLLM_SERVER_IMAGE_DECODING_INPUT_RESIZING_H_

#include <opencv2/core.hpp>

#include "base/image.h"

namespace mrmllm {

// A square input of the model and where the picture lies in it.
struct ResizedInput {
  cv::Mat pixels;
  ResizeGeometry geometry;
};

// Brings a displayed picture to an eye's square input, bilinear without antialiasing (what the
// reference implementations do). A letterboxed picture is at least 1 pixel wide and high.
ResizedInput ResizeToInput(const cv::Mat& displayed, const ImageSpec& spec);

// Shrinks by area until the longer side is at most `max_side`; a smaller picture stays as it is
// and shares memory.
cv::Mat ShrinkToSide(const cv::Mat& displayed, int max_side);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_INPUT_RESIZING_H_
