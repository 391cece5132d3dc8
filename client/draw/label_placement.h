// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_LABEL_PLACEMENT_H_
#define MRMLLM_CLIENT_DRAW_LABEL_PLACEMENT_H_

#include <vector>

namespace mrmllm {

// A rectangle in pixels; right and bottom edges excluded.
struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool operator==(const PixelRect&) const = default;
};

struct PixelSize {
  int width = 0;
  int height = 0;
};

// An object's box and how much room its label takes.
struct LabelRequest {
  PixelRect box;
  PixelSize label;
};

// Pixels that `a` and `b` share.
long SharedPixels(const PixelRect& a, const PixelRect& b);

// Finds a place for every label: at its box (above it, inside, below, shifted along its edges)
// where it covers no label placed before and as little as possible of other boxes, else at the
// nearest free place, else where it covers least. The first requests have the first choice. Every
// place lies inside the picture, as far as the label fits into it.
std::vector<PixelRect> PlaceLabels(const std::vector<LabelRequest>& requests, PixelSize picture);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_LABEL_PLACEMENT_H_
