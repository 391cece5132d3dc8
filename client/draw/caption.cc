// SPDX-License-Identifier: Apache-2.0
#include "client/draw/caption.h"

#include <algorithm>
#include <cmath>

#include "client/draw/typeface.h"
#include "opencv2/imgproc.hpp"
#include "unicode/utf8.h"

namespace mrmllm {
namespace {

constexpr Color kBand{24, 26, 32};
constexpr Color kQuestion{150, 158, 174};
constexpr Color kAnswer{240, 242, 246};

// Length in bytes of the longest beginning of `word` that fits, at least one character.
size_t FittingBytes(absl::string_view word, int width,
                    const std::function<int(absl::string_view)>& measure) {
  int32_t end = 0;
  const int32_t length = static_cast<int32_t>(word.size());
  U8_FWD_1(word.data(), end, length);
  for (int32_t next = end; next < length;) {
    U8_FWD_1(word.data(), next, length);
    if (measure(word.substr(0, next)) > width) break;
    end = next;
  }
  return end;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int LineCount(const std::vector<WrappedWord>& words) {
  return words.empty() ? 0 : words.back().line + 1;
}

Color ColorOfWord(const WrappedWord& word, const std::vector<ColoredSpan>& spans, Color otherwise) {
  const int end = word.start_byte + static_cast<int>(word.text.size());
  for (const ColoredSpan& span : spans) {
    if (word.start_byte < span.end_byte && span.start_byte < end) return span.color;
  }
  return otherwise;
}

}  // namespace

std::vector<WrappedWord> WrapWords(absl::string_view text, int width,
                                   const std::function<int(absl::string_view)>& measure) {
  std::vector<WrappedWord> words;
  const int space = measure(" ");
  int line = 0;
  int x = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      ++line;
      x = 0;
    }
    if (text[i] == '\n' || IsSpace(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && text[end] != '\n' && !IsSpace(text[end])) ++end;
    absl::string_view word = text.substr(i, end - i);
    if (x > 0 && x + measure(word) > width) {
      ++line;
      x = 0;
    }
    word = word.substr(0, FittingBytes(word, width - x, measure));
    words.push_back({std::string(word), static_cast<int>(i), line, x});
    i += word.size();
    x += measure(word) + (i == end ? space : 0);
    if (i < end) {
      ++line;
      x = 0;
    }
  }
  return words;
}

cv::Mat WithCaption(const cv::Mat& picture, const Caption& caption) {
  const std::unique_ptr<Typeface> regular = Typeface::Load(Typeface::Weight::kRegular);
  const std::unique_ptr<Typeface> bold = Typeface::Load(Typeface::Weight::kBold);
  const int height = std::clamp(static_cast<int>(std::lround(picture.cols / 38.0)), 12, 72);
  const int line_height = height * 3 / 2;
  const int margin = height;
  const int width = std::max(1, picture.cols - 2 * margin);
  const auto wrap = [&](const std::string& text, Typeface& face) {
    return WrapWords(text, width, [&](absl::string_view t) { return face.Width(t, height); });
  };
  // Measured in bold, so that a coloured word, which is bold, fits.
  const std::vector<WrappedWord> question = wrap(caption.question, *regular);
  const std::vector<WrappedWord> answer = wrap(caption.answer, *bold);
  const int gap = question.empty() || answer.empty() ? 0 : height / 3;
  const int band =
      2 * margin + gap + line_height * (LineCount(question) + LineCount(answer)) - height / 2;

  cv::Mat result;
  cv::copyMakeBorder(picture, result, 0, band, 0, 0, cv::BORDER_CONSTANT,
                     cv::Scalar(kBand.blue, kBand.green, kBand.red));
  const auto baseline = [&](int line) {
    return picture.rows + margin + line * line_height + height * 4 / 5;
  };
  for (const WrappedWord& word : question) {
    regular->Draw(result, {margin + word.x, baseline(word.line), height}, word.text, kQuestion);
  }
  for (const WrappedWord& word : answer) {
    const Color color = ColorOfWord(word, caption.spans, kAnswer);
    bold->Draw(result, {margin + word.x, baseline(LineCount(question) + word.line) + gap, height},
               word.text, color);
  }
  return result;
}

}  // namespace mrmllm
