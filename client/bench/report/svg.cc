// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/svg.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace mrmllm {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

const char* NameOf(Svg::Anchor anchor) {
  switch (anchor) {
    case Svg::Anchor::kStart:
      return "start";
    case Svg::Anchor::kMiddle:
      return "middle";
    case Svg::Anchor::kEnd:
      return "end";
  }
  return "start";
}

}  // namespace

Svg::Svg(int width, int height, absl::string_view title)
    : width_(width), height_(height), title_(Escaped(title)) {}

void Svg::Line(Point from, Point to, absl::string_view css_class) {
  absl::StrAppendFormat(&body_,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n",
                        from.x, from.y, to.x, to.y, css_class);
}

void Svg::Polyline(const std::vector<Point>& points, absl::string_view css_class) {
  std::string list;
  for (const Point& point : points) {
    absl::StrAppendFormat(&list, "%s%.1f,%.1f", list.empty() ? "" : " ", point.x, point.y);
  }
  absl::StrAppend(&body_, "<polyline points=\"", list, "\" class=\"", css_class, "\"/>\n");
}

void Svg::Dot(Point center, double radius, absl::string_view css_class) {
  absl::StrAppendFormat(&body_, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n",
                        center.x, center.y, radius, css_class);
}

void Svg::Text(Point at, absl::string_view text, absl::string_view css_class, Anchor anchor) {
  AddText(absl::StrFormat("x=\"%.1f\" y=\"%.1f\"", at.x, at.y), text, css_class, anchor);
}

void Svg::UprightText(Point at, absl::string_view text, absl::string_view css_class) {
  AddText(absl::StrFormat("transform=\"translate(%.1f %.1f) rotate(-90)\"", at.x, at.y), text,
          css_class, Anchor::kMiddle);
}

void Svg::AddText(absl::string_view place, absl::string_view text, absl::string_view css_class,
                  Anchor anchor) {
  absl::StrAppend(&body_, "<text ", place, " class=\"", css_class, "\" text-anchor=\"",
                  NameOf(anchor), "\">", Escaped(text), "</text>\n");
}

std::string Svg::Render(absl::string_view style) const {
  return absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
      "font-family=\"Helvetica, Arial, sans-serif\" role=\"img\" aria-label=\"%s\">\n"
      "<title>%s</title>\n<style>\n%s</style>\n"
      "<rect width=\"%d\" height=\"%d\" class=\"page\"/>\n%s</svg>\n",
      width_, height_, width_, height_, title_, title_, style, width_, height_, body_);
}

std::vector<double> AxisSteps(double most, int count) {
  if (!(most > 0)) most = 1;
  double step = std::pow(10, std::floor(std::log10(most / count)));
  for (const double factor : {2.0, 2.5, 2.0, 2.0}) {
    if (std::ceil(most / step - 1e-9) <= count) break;
    step *= factor;
  }
  std::vector<double> steps;
  const int last = static_cast<int>(std::ceil(most / step - 1e-9));
  for (int i = 0; i <= last; ++i) steps.push_back(i * step);
  return steps;
}

std::string NumberText(double value) {
  const double size = std::abs(value);
  if (size >= 100 || size == 0) return absl::StrFormat("%.0f", value);
  return absl::StrFormat("%.3g", value);
}

}  // namespace mrmllm
