// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_REPORT_SVG_H_
#define MRMLLM_CLIENT_BENCH_REPORT_SVG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mrmllm {

// A picture made of lines, dots and words, as an SVG file. Positions are pixels from the top-left
// corner. Looks come from the classes of its style sheet, which also has colours for dark pages.
//
//   Svg svg(720, 360, "Latency over clients");
//   svg.Line({0, 10}, {100, 10}, "axis");
//   file << svg.Render(/*style=*/".axis { stroke: #777 }");
//
// Thread-safety: compatible (const use is safe).
class Svg {
 public:
  struct Point {
    double x = 0;
    double y = 0;
  };
  enum class Anchor { kStart, kMiddle, kEnd };

  // `title` is what is read out to those who do not see the picture.
  Svg(int width, int height, absl::string_view title);

  void Line(Point from, Point to, absl::string_view css_class);
  void Polyline(const std::vector<Point>& points, absl::string_view css_class);
  void Dot(Point center, double radius, absl::string_view css_class);
  void Text(Point at, absl::string_view text, absl::string_view css_class, Anchor anchor);
  // Reads from the bottom to the top.
  void UprightText(Point at, absl::string_view text, absl::string_view css_class);

  std::string Render(absl::string_view style) const;

 private:
  void AddText(absl::string_view place, absl::string_view text, absl::string_view css_class,
               Anchor anchor);

  const int width_;
  const int height_;
  const std::string title_;
  std::string body_;
};

// Steps for an axis from 0 to at least `most`: at most `count` of them, each 1, 2 or 5 times a
// power of ten. REQUIRES: count >= 2.
std::vector<double> AxisSteps(double most, int count);

// "0.5", "12.3", "1500": a number on an axis or beside a dot, with at least three digits.
std::string NumberText(double value);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_REPORT_SVG_H_
