// SPDX-License-Identifier: Apache-2.0
#include "client/draw/caption.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "client/draw/typeface.h"
#include "opencv2/imgproc.hpp"
#include "unicode/utf8.h"

namespace mrmllm {
namespace {

constexpr Color kBand{24, 26, 32};
constexpr Color kQuestion{150, 158, 174};
constexpr Color kAnswer{240, 242, 246};

// Length in bytes of the longest beginning of `word` that fits, at least one character.
size_t FittingBytes(absl::string_view word, int start_byte, int width, const MeasureText& measure) {
  int32_t end = 0;
  const int32_t length = static_cast<int32_t>(word.size());
  U8_FWD_1(word.data(), end, length);
  for (int32_t next = end; next < length;) {
    U8_FWD_1(word.data(), next, length);
    if (measure(word.substr(0, next), start_byte) > width) break;
    end = next;
  }
  return end;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int LineCount(const std::vector<WrappedWord>& words) {
  return words.empty() ? 0 : words.back().line + 1;
}

const ColoredSpan* SpanAt(int byte, const std::vector<ColoredSpan>& spans) {
  for (const ColoredSpan& span : spans) {
    if (span.start_byte <= byte && byte < span.end_byte) return &span;
  }
  return nullptr;
}

// Writes text whose spans are bold and coloured.
class SpanWriter {
 public:
  SpanWriter(const std::vector<ColoredSpan>& spans, Color color, int height)
      : spans_(spans), color_(color), height_(height) {}

  int Width(absl::string_view text, int start_byte) {
    int width = 0;
    ForEachPart(text, start_byte, [&](absl::string_view part, const ColoredSpan* span) {
      width += FaceOf(span).Width(part, height_);
    });
    return width;
  }

  void Draw(cv::Mat& picture, cv::Point origin, const WrappedWord& word) {
    ForEachPart(word.text, word.start_byte, [&](absl::string_view part, const ColoredSpan* span) {
      const Typeface::Place place = {origin.x, origin.y, height_};
      FaceOf(span).Draw(picture, place, part, span == nullptr ? color_ : span->color);
      origin.x += FaceOf(span).Width(part, height_);
    });
  }

 private:
  template <typename Visit>
  void ForEachPart(absl::string_view text, int start_byte, const Visit& visit) const {
    for (size_t begin = 0; begin < text.size();) {
      const ColoredSpan* const span = SpanAt(start_byte + static_cast<int>(begin), spans_);
      size_t end = begin + 1;
      while (end < text.size() && SpanAt(start_byte + static_cast<int>(end), spans_) == span) ++end;
      visit(text.substr(begin, end - begin), span);
      begin = end;
    }
  }

  Typeface& FaceOf(const ColoredSpan* span) { return span == nullptr ? *regular_ : *bold_; }

  const std::vector<ColoredSpan>& spans_;
  const Color color_;
  const int height_;
  const std::unique_ptr<Typeface> regular_ = Typeface::Load(Typeface::Weight::kRegular);
  const std::unique_ptr<Typeface> bold_ = Typeface::Load(Typeface::Weight::kBold);
};

}  // namespace

std::vector<WrappedWord> WrapWords(absl::string_view text, int width, const MeasureText& measure) {
  std::vector<WrappedWord> words;
  const int space = measure(" ", 0);
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
    if (x > 0 && x + measure(word, static_cast<int>(i)) > width) {
      ++line;
      x = 0;
    }
    word = word.substr(0, FittingBytes(word, static_cast<int>(i), width - x, measure));
    words.push_back({std::string(word), static_cast<int>(i), line, x});
    x += measure(word, static_cast<int>(i)) + space;
    i += word.size();
    if (i < end) {
      ++line;
      x = 0;
    }
  }
  return words;
}

cv::Mat WithCaption(const cv::Mat& picture, const Caption& caption) {
  const int height = std::clamp(static_cast<int>(std::lround(picture.cols / 38.0)), 12, 72);
  const int line_height = height * 3 / 2;
  const int margin = height;
  const int width = std::max(1, picture.cols - 2 * margin);
  const std::vector<ColoredSpan> no_spans;
  SpanWriter question_writer(no_spans, kQuestion, height);
  SpanWriter answer_writer(caption.spans, kAnswer, height);
  const auto wrap = [&](const std::string& text, SpanWriter& writer) {
    return WrapWords(text, width, [&](absl::string_view part, int start_byte) {
      return writer.Width(part, start_byte);
    });
  };
  const std::vector<WrappedWord> question = wrap(caption.question, question_writer);
  const std::vector<WrappedWord> answer = wrap(caption.answer, answer_writer);
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
    question_writer.Draw(result, {margin + word.x, baseline(word.line)}, word);
  }
  for (const WrappedWord& word : answer) {
    const int line = LineCount(question) + word.line;
    answer_writer.Draw(result, {margin + word.x, baseline(line) + gap}, word);
  }
  return result;
}

}  // namespace mrmllm
