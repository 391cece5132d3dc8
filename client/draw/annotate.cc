// SPDX-License-Identifier: Apache-2.0
#include "client/draw/annotate.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/draw/label_placement.h"
#include "client/draw/typeface.h"
#include "opencv2/imgproc.hpp"

namespace mrmllm {
namespace {

constexpr int kSmallestSide = 480;  // the longer side of a picture that labels can be written on
constexpr double kHaloOpacity = 0.45;
constexpr int kCrowd = 10;                 // objects from which labels are smaller
constexpr double kRoomForFinerName = 0.6;  // part of the whole label's width that the box has

// Lengths in pixels, all from the size of the picture.
struct Sizes {
  Sizes(const cv::Mat& picture, int object_count) {
    const double side = std::sqrt(static_cast<double>(picture.cols) * picture.rows);
    line = std::max(2, static_cast<int>(std::lround(side / 230)));
    const double lines_of_text = object_count < kCrowd ? 36 : 46;
    text = std::max(11, static_cast<int>(std::lround(side / lines_of_text)));
    padding = std::max(3, text * 3 / 8);
  }

  int line;
  int text;
  int padding;  // left and right of a label's text
};

cv::Scalar ToScalar(Color color) { return cv::Scalar(color.blue, color.green, color.red); }

PixelRect ToPixels(const v1::NormalizedBox& box, const cv::Mat& picture) {
  const auto scaled = [](float fraction, int side) {
    return static_cast<int>(std::lround(std::clamp(fraction, 0.0f, 1.0f) * (side - 1)));
  };
  const int x = scaled(box.x_min(), picture.cols);
  const int y = scaled(box.y_min(), picture.rows);
  return {x, y, std::max(1, scaled(box.x_max(), picture.cols) - x),
          std::max(1, scaled(box.y_max(), picture.rows) - y)};
}

void DrawRoundedOutline(cv::Mat& picture, const PixelRect& box, int thickness, Color color) {
  const int radius = std::min({thickness * 3, box.width / 2, box.height / 2});
  const cv::Scalar scalar = ToScalar(color);
  const int right = box.right();
  const int bottom = box.bottom();
  const auto edge = [&](int x0, int y0, int x1, int y1) {
    cv::line(picture, {x0, y0}, {x1, y1}, scalar, thickness, cv::LINE_AA);
  };
  edge(box.x + radius, box.y, right - radius, box.y);
  edge(box.x + radius, bottom, right - radius, bottom);
  edge(box.x, box.y + radius, box.x, bottom - radius);
  edge(right, box.y + radius, right, bottom - radius);
  const auto corner = [&](int x, int y, double start) {
    cv::ellipse(picture, {x, y}, {radius, radius}, start, 0, 90, scalar, thickness, cv::LINE_AA);
  };
  corner(box.x + radius, box.y + radius, 180);
  corner(right - radius, box.y + radius, 270);
  corner(right - radius, bottom - radius, 0);
  corner(box.x + radius, bottom - radius, 90);
}

// A thin dashed frame, light on dark, so that it is seen on any ground.
void DrawDashed(cv::Mat& picture, const PixelRect& box, int dash) {
  const auto edge = [&](cv::Point from, cv::Point step, int length) {
    for (int at = 0; at < length; at += dash * 5 / 2) {
      const cv::Point start = from + step * at;
      const cv::Point end = from + step * std::min(at + dash, length);
      cv::line(picture, start, end, ToScalar(kInk), 3, cv::LINE_8);
      cv::line(picture, start, end, ToScalar(kWhite), 1, cv::LINE_8);
    }
  };
  edge({box.x, box.y}, {1, 0}, box.width);
  edge({box.x, box.bottom()}, {1, 0}, box.width);
  edge({box.x, box.y}, {0, 1}, box.height);
  edge({box.right(), box.y}, {0, 1}, box.height);
}

// A dot on a box's corner: a second look found it.
void DrawMark(cv::Mat& picture, const PixelRect& box, int radius, Color color) {
  const cv::Point corner(box.right(), box.bottom());
  cv::circle(picture, corner, radius + 1, ToScalar(kWhite), cv::FILLED, cv::LINE_AA);
  cv::circle(picture, corner, radius, ToScalar(color), cv::FILLED, cv::LINE_AA);
}

void FillRounded(cv::Mat& picture, const PixelRect& rect, int radius, Color color) {
  const cv::Scalar scalar = ToScalar(color);
  const int r = std::min({radius, rect.width / 2, rect.height / 2});
  cv::rectangle(picture, cv::Rect(rect.x + r, rect.y, rect.width - 2 * r, rect.height), scalar,
                cv::FILLED);
  cv::rectangle(picture, cv::Rect(rect.x, rect.y + r, rect.width, rect.height - 2 * r), scalar,
                cv::FILLED);
  for (const int x : {rect.x + r, rect.right() - 1 - r}) {
    for (const int y : {rect.y + r, rect.bottom() - 1 - r}) {
      cv::circle(picture, {x, y}, r, scalar, cv::FILLED, cv::LINE_AA);
    }
  }
}

// A line to a label that found no place at its box.
void DrawLeader(cv::Mat& picture, const PixelRect& label, const PixelRect& box, Color color) {
  const cv::Point from(std::clamp(box.x + box.width / 2, label.x, label.right()),
                       std::clamp(box.y + box.height / 2, label.y, label.bottom()));
  const cv::Point to(std::clamp(from.x, box.x, box.right()),
                     std::clamp(from.y, box.y, box.bottom()));
  if (from != to) cv::line(picture, from, to, ToScalar(color), 1, cv::LINE_AA);
}

int Thickness(const v1::Detection& detection, const Sizes& sizes) {
  return detection.sure() ? sizes.line : std::max(1, sizes.line / 2);
}

void DrawOutlines(cv::Mat& picture, const v1::ImageDetections& detections, const Sizes& sizes,
                  const std::vector<LabelRequest>& requests) {
  // A dark rim keeps a bright box visible on a bright ground.
  cv::Mat halos = picture.clone();
  for (size_t i = 0; i < requests.size(); ++i) {
    DrawRoundedOutline(halos, requests[i].box, Thickness(detections.detections(i), sizes) + 2,
                       kInk);
  }
  cv::addWeighted(halos, kHaloOpacity, picture, 1 - kHaloOpacity, 0, picture);
  // The best last, so that it lies on top.
  for (size_t i = requests.size(); i-- > 0;) {
    const v1::Detection& detection = detections.detections(i);
    const Color color = ColorOf(detection);
    DrawRoundedOutline(picture, requests[i].box, Thickness(detection, sizes), color);
    if (detection.from_second_look()) {
      DrawMark(picture, requests[i].box, sizes.line * 2, color);
    }
  }
}

std::string ShortLabelOf(const v1::Detection& detection) {
  return absl::StrFormat("%s %d%%", detection.label(), std::lround(detection.score() * 100));
}

cv::Mat Enlarged(const cv::Mat& picture) {
  const int longer = std::max(picture.cols, picture.rows);
  const int factor = (kSmallestSide + longer - 1) / longer;
  cv::Mat result;
  if (factor <= 1) return picture.clone();
  cv::resize(picture, result, {}, factor, factor, cv::INTER_CUBIC);
  return result;
}

}  // namespace

Color ColorOf(const v1::Detection& detection) { return ColorOf(detection.label()); }

std::string LabelOf(const v1::Detection& detection) {
  std::string label = ShortLabelOf(detection);
  if (detection.has_color()) label = absl::StrCat(detection.color().label(), " ", label);
  return detection.has_finer_name() ? label + " · " + detection.finer_name().label() : label;
}

cv::Mat WithBoxes(const cv::Mat& picture, const v1::ImageDetections& detections) {
  cv::Mat result = Enlarged(picture);
  const Sizes sizes(result, detections.detections_size());
  const std::unique_ptr<Typeface> face = Typeface::Load(Typeface::Weight::kBold);
  std::vector<LabelRequest> requests;
  std::vector<std::string> labels;
  for (const v1::Detection& detection : detections.detections()) {
    const PixelRect box = ToPixels(detection.box(), result);
    const auto width = [&](const std::string& text) {
      return std::min(face->Width(text, sizes.text) + 2 * sizes.padding, result.cols);
    };
    std::string label = LabelOf(detection);
    if (box.width < kRoomForFinerName * width(label)) label = ShortLabelOf(detection);
    requests.push_back({box, {width(label), std::min(sizes.text * 3 / 2, result.rows)}});
    labels.push_back(std::move(label));
  }
  for (const v1::NormalizedBox& region : detections.second_look().regions()) {
    DrawDashed(result, ToPixels(region, result), sizes.line * 3);
  }
  DrawOutlines(result, detections, sizes, requests);
  const std::vector<PixelRect> places = PlaceLabels(requests, {result.cols, result.rows});
  for (size_t i = 0; i < places.size(); ++i) {
    const v1::Detection& detection = detections.detections(i);
    const Color color = ColorOf(detection);
    DrawLeader(result, places[i], requests[i].box, color);
    FillRounded(result, places[i], sizes.text / 4, color);
    const int baseline = places[i].y + (places[i].height + sizes.text * 3 / 4) / 2;
    face->Draw(result, {places[i].x + sizes.padding, baseline, sizes.text}, labels[i],
               TextColorOn(color));
  }
  return result;
}

}  // namespace mrmllm
