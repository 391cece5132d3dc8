// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_CAPTION_H_
#define MRMLLM_CLIENT_DRAW_CAPTION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/draw/palette.h"
#include "opencv2/core/mat.hpp"

namespace mrmllm {

// A part of the answer that names objects, in the colour of their boxes.
struct ColoredSpan {
  int start_byte = 0;
  int end_byte = 0;  // one past the last
  Color color;
};

// The text that stands below an annotated picture.
struct Caption {
  std::string question;
  std::string answer;
  std::vector<ColoredSpan> spans;  // of the answer
};

// A word, where it stood in its text, and its line.
struct WrappedWord {
  std::string text;
  int start_byte = 0;
  int line = 0;
  int x = 0;  // pixels from the left edge of the text
};

// Breaks `text` at white space into lines of at most `width` pixels, and words that are longer
// wherever a character ends. A line break in the text is one in the result. `measure` gives the
// width in pixels of a part of the text that begins at a byte of it.
using MeasureText = std::function<int(absl::string_view part, int start_byte)>;
std::vector<WrappedWord> WrapWords(absl::string_view text, int width, const MeasureText& measure);

// `picture` (8 bits, BGR) with the question and the answer in a band below it.
cv::Mat WithCaption(const cv::Mat& picture, const Caption& caption);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_CAPTION_H_
