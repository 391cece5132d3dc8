// SPDX-License-Identifier: Apache-2.0
#include "model/training/report/loss_curve.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mrmllm {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 360;
constexpr double kLeft = 56;
constexpr double kRight = 16;
constexpr double kTop = 28;
constexpr double kBottom = 40;
constexpr double kLowestLoss = 1e-4;  // the logarithm ends somewhere
constexpr double kMeanKeeps = 0.95;   // of the running mean, a step

// From steps and losses to places in the picture.
class Frame {
 public:
  explicit Frame(const std::vector<CurvePoint>& points)
      : steps_(std::max<size_t>(points.size(), 2)) {
    double lowest = 1;
    double highest = 1;
    for (const CurvePoint& point : points) {
      lowest = std::min(lowest, Shown(point.loss));
      highest = std::max(highest, point.loss);
      if (point.held_out_loss >= 0) lowest = std::min(lowest, Shown(point.held_out_loss));
    }
    low_ = std::floor(std::log10(lowest) + 1e-9);
    high_ = std::max(low_ + 1, std::ceil(std::log10(highest) - 1e-9));
  }

  double X(size_t step) const {
    return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(step - 1) /
                       static_cast<double>(steps_ - 1);
  }
  double Y(double loss) const {
    const double up = (std::log10(Shown(loss)) - low_) / (high_ - low_);
    return kHeight - kBottom - (kHeight - kTop - kBottom) * std::clamp(up, 0.0, 1.0);
  }
  double low() const { return low_; }
  double high() const { return high_; }
  size_t steps() const { return steps_; }

 private:
  static double Shown(double loss) { return std::max(loss, kLowestLoss); }

  size_t steps_;
  double low_;  // powers of ten
  double high_;
};

void AddText(std::string& svg, double x, double y, const char* anchor, std::string_view text) {
  absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y,
                        anchor, std::string(text));
}

void AddAxes(std::string& svg, const Frame& frame) {
  for (double power = frame.low(); power <= frame.high() + 1e-9; ++power) {
    const double loss = std::pow(10, power);
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                          "stroke=\"#d0d0d0\"/>\n",
                          kLeft, frame.Y(loss), kWidth - kRight, frame.Y(loss));
    AddText(svg, kLeft - 6, frame.Y(loss) + 4, "end", absl::StrFormat("%g", loss));
  }
  AddText(svg, kLeft, kHeight - kBottom + 18, "start", "1");
  AddText(svg, kWidth - kRight, kHeight - kBottom + 18, "end", absl::StrCat(frame.steps()));
  AddText(svg, (kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "step");
}

void AddLine(std::string& svg, const Frame& frame, const std::vector<double>& losses,
             const char* style) {
  svg += "<polyline fill=\"none\" ";
  absl::StrAppend(&svg, style, " points=\"");
  for (size_t i = 0; i < losses.size(); ++i) {
    absl::StrAppendFormat(&svg, "%.1f,%.1f ", frame.X(i + 1), frame.Y(losses[i]));
  }
  svg += "\"/>\n";
}

}  // namespace

std::string CurveCsv(const std::vector<CurvePoint>& points) {
  std::string csv = "step,loss,held_out_loss,learning_rate\n";
  for (size_t i = 0; i < points.size(); ++i) {
    const CurvePoint& point = points[i];
    absl::StrAppendFormat(&csv, "%d,%.6g,", i + 1, point.loss);
    if (point.held_out_loss >= 0) absl::StrAppendFormat(&csv, "%.6g", point.held_out_loss);
    absl::StrAppendFormat(&csv, ",%.6g\n", point.learning_rate);
  }
  return csv;
}

std::string CurveSvg(const std::vector<CurvePoint>& points) {
  const Frame frame(points);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" "
      "font-size=\"12\" fill=\"#404040\">\n<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight, kWidth, kHeight);
  AddAxes(svg, frame);
  AddText(svg, kLeft, 18, "start", "loss: steps, their running mean, held-out (dots)");
  std::vector<double> losses;
  std::vector<double> means;
  for (const CurvePoint& point : points) {
    losses.push_back(point.loss);
    means.push_back(means.empty() ? point.loss
                                  : kMeanKeeps * means.back() + (1 - kMeanKeeps) * point.loss);
  }
  AddLine(svg, frame, losses, "stroke=\"#a8c4e0\" stroke-width=\"1\"");
  AddLine(svg, frame, means, "stroke=\"#1f5f9f\" stroke-width=\"2\"");
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].held_out_loss < 0) continue;
    absl::StrAppendFormat(&svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#d06020\"/>\n",
                          frame.X(i + 1), frame.Y(points[i].held_out_loss));
  }
  return svg + "</svg>\n";
}

}  // namespace mrmllm
