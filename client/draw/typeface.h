// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_TYPEFACE_H_
#define MRMLLM_CLIENT_DRAW_TYPEFACE_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "client/draw/palette.h"
#include "opencv2/core/mat.hpp"

namespace mrmllm {

// Measures and draws one line of text, UTF-8.
//
//   std::unique_ptr<Typeface> face = Typeface::Load(Typeface::Weight::kRegular);
//   face->Draw(picture, {.x = 10, .baseline = 40, .height = 18}, "dog", kWhite);
//
// Thread-safety: not safe; one per thread.
// Errors: none; a character that the typeface lacks is drawn as its empty box.
class Typeface {
 public:
  enum class Weight { kRegular, kBold };

  // Where a line goes, pixels.
  struct Place {
    int x = 0;
    int baseline = 0;
    int height = 0;  // of the em square
  };

  virtual ~Typeface() = default;

  // DejaVu Sans through FreeType, or the file that the environment variable MRMLLM_FONT names;
  // OpenCV's own strokes, which know ASCII only, where there is neither.
  static std::unique_ptr<Typeface> Load(Weight weight);

  // OpenCV's own strokes.
  static std::unique_ptr<Typeface> Strokes(Weight weight);

  // Width in pixels of `text` at `height`.
  virtual int Width(absl::string_view text, int height) = 0;

  // `picture`: 8 bits, BGR. What lies outside of it is cut off.
  virtual void Draw(cv::Mat& picture, const Place& place, absl::string_view text, Color color) = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_TYPEFACE_H_
