// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_COLOR_DOMINANT_COLOR_H_
#define MRMLLM_MODEL_COLOR_DOMINANT_COLOR_H_

#include <optional>
#include <vector>

#include "base/detection.h"
#include "base/image.h"
#include "model/color/color_naming.h"

namespace mrmllm {

struct DominantColor {
  BasicColor color = BasicColor::kBlack;
  float share = 0;  // of the pixels in the box, those in its middle counting more, (0, 1]
};

// The color of what a box holds, from a fixed number of pixels however large it is.
//
// Pixels vote by hue, so that the lit and the shaded side of a thing vote together; what is common
// around the box, too, counts less, as it is likely to be seen through or beside the thing. The hue
// that wins is named by its most colorful pixels, which neither a highlight nor a shadow has
// bleached. Things without a hue are black, grey or white by how light most of their pixels are.
//
// Nothing when no color has kMinShare of the pixels, or what has no hue is both black and white
// (a zebra).
inline constexpr float kMinShare = 0.55f;
std::optional<DominantColor> FindDominantColor(const Image& detail, const NormalizedBox& box);

// Sets the color of every sure detection. Not that of people: in the box of a person are skin, hair
// and clothes, and a color word for a person would be taken for the first of these.
//
// Cost: some 40 microseconds a box. Thread-safety: no shared state.
void AssignColors(const Image& detail, std::vector<Detection>& detections);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_COLOR_DOMINANT_COLOR_H_
