// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_REGION_INPUT_H_
#define MRMLLM_MODEL_PERCEPTION_REGION_INPUT_H_

#include "base/detection.h"
#include "base/image.h"
#include "model/perception/detection_selection.h"

namespace mrmllm {

// A part of an image made ready for the detector, left and right exchanged: what a detector makes
// of a mirrored picture is nearer to a second opinion than what it makes of the same one larger.
struct RegionInput {
  Image pixels;          // [S, S, 3]
  NormalizedBox region;  // what was cut: the region asked for, widened to whole pixels
  DisplayedFrame frame;  // where the part lies in `pixels`; its "image" is the mirrored part
};

// Cuts `region` out of `detail`, the displayed image or a smaller copy of it, and fits it into the
// detector's square of `spec` as image decoding fits a whole image: bilinear with half-pixel
// centres, without antialiasing, as that eye was trained; the letterbox centred on black.
//
// Thread-safety: safe. Errors: throws c10::Error for a detail without pixels.
RegionInput CutRegion(const Image& detail, const NormalizedBox& region, const ImageSpec& spec);

// The place in the displayed image of a box in fractions of the mirrored part.
NormalizedBox FromMirroredRegion(const NormalizedBox& box, const NormalizedBox& region);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_REGION_INPUT_H_
