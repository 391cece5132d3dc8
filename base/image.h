// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_IMAGE_H_
#define MRMLLM_BASE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mrmllm {

// Pixels: 8 bits a channel, RGB, rows from top to bottom without padding: [height, width, 3].
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;

  size_t size_bytes() const { return pixels.size(); }
};

// How one of the model's two eyes wants its input; a bundle states it, image decoding obeys it.
struct ImageSpec {
  // kLetterbox keeps the aspect ratio and pads with black, centred; kStretch fills the square.
  enum class Resize { kLetterbox, kStretch };
  int size = 0;  // side of the square input, pixels
  Resize resize = Resize::kStretch;

  bool operator==(const ImageSpec&) const = default;
};

// Where a letterboxed picture lies inside its square: x_input = x_image * scale_x + pad_x, in input
// pixels; x_image in pixels of the displayed image. Stretching has its own scale a side and no
// padding.
struct ResizeGeometry {
  float scale_x = 1;
  float scale_y = 1;
  float pad_x = 0;
  float pad_y = 0;
};

// One image made ready for the model. `width` and `height` are those of the image as displayed
// (after EXIF orientation); all boxes refer to them.
struct ImageInput {
  int width = 0;
  int height = 0;
  Image detector_pixels;  // [S, S, 3], S = the detector's ImageSpec::size
  ResizeGeometry detector_geometry;
  Image encoder_pixels;  // [S, S, 3], S = the vision encoder's ImageSpec::size
  Image detail;          // the displayed image, shrunk to a bounded side: crops are cut from it

  size_t size_bytes() const {
    return detector_pixels.size_bytes() + encoder_pixels.size_bytes() + detail.size_bytes();
  }
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_IMAGE_H_
