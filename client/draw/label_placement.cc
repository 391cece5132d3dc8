// SPDX-License-Identifier: Apache-2.0
#include "client/draw/label_placement.h"

#include <algorithm>
#include <cstdlib>

namespace mrmllm {
namespace {

// A place may cover this part of an object that is not its own before a later candidate is better.
constexpr double kCoverWeight = 4.0;
constexpr double kRankWeight = 0.02;

PixelRect Clamped(int x, int y, PixelSize label, PixelSize picture) {
  return {std::clamp(x, 0, std::max(0, picture.width - label.width)),
          std::clamp(y, 0, std::max(0, picture.height - label.height)), label.width, label.height};
}

// Places at the box itself, best first.
std::vector<PixelRect> PlacesAtBox(const LabelRequest& request, PixelSize picture) {
  const PixelRect& box = request.box;
  const PixelSize label = request.label;
  const int left = box.x;
  const int right = box.right() - label.width;
  const int middle = box.x + (box.width - label.width) / 2;
  const int above = box.y - label.height;
  const int inside_top = box.y;
  const int inside_bottom = box.bottom() - label.height;
  const int below = box.bottom();
  std::vector<PixelRect> places;
  const auto add = [&](int x, int y) { places.push_back(Clamped(x, y, label, picture)); };
  if (above >= 0) {
    for (const int x : {left, right, middle}) add(x, above);
  }
  for (const int x : {left, right, middle}) add(x, inside_top);
  if (below + label.height <= picture.height) {
    for (const int x : {left, right, middle}) add(x, below);
  }
  for (const int x : {left, right, middle}) add(x, inside_bottom);
  // Down the left edge, then outside of the left and right edges.
  const int step = std::max(1, label.height);
  for (int y = inside_top; y <= inside_bottom; y += step) add(left, y);
  for (int y = inside_top; y <= inside_bottom; y += step) {
    add(box.right(), y);
    add(box.x - label.width, y);
  }
  return places;
}

long OverlapWith(const PixelRect& place, const std::vector<PixelRect>& taken) {
  long shared = 0;
  for (const PixelRect& other : taken) shared += SharedPixels(place, other);
  return shared;
}

// The largest part of another object that `place` hides, [0, 1]: a label on a small object hurts.
double HiddenPart(const PixelRect& place, const std::vector<LabelRequest>& requests, size_t own) {
  double hidden = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const PixelRect& box = requests[i].box;
    const double area = std::max(1.0, static_cast<double>(box.width) * box.height);
    if (i != own) hidden = std::max(hidden, SharedPixels(place, box) / area);
  }
  return hidden;
}

long DistanceTo(const PixelRect& place, const PixelRect& box) {
  const long dx = std::max({0, box.x - place.right(), place.x - box.right()});
  const long dy = std::max({0, box.y - place.bottom(), place.y - box.bottom()});
  return dx * dx + dy * dy;
}

// The free place nearest to the box, among those that touch the picture's corner or a label that
// is already there; the least covered one if none is free.
PixelRect NearestFreePlace(const LabelRequest& request, const std::vector<PixelRect>& taken,
                           PixelSize picture) {
  const PixelSize label = request.label;
  std::vector<int> xs = {0, picture.width - label.width, request.box.x};
  std::vector<int> ys = {0, picture.height - label.height, request.box.y};
  for (const PixelRect& other : taken) {
    xs.insert(xs.end(), {other.x, other.right(), other.x - label.width});
    ys.insert(ys.end(), {other.y, other.bottom(), other.y - label.height});
  }
  PixelRect best = Clamped(request.box.x, request.box.y, label, picture);
  long best_overlap = OverlapWith(best, taken);
  long best_distance = DistanceTo(best, request.box);
  for (const int y : ys) {
    for (const int x : xs) {
      const PixelRect place = Clamped(x, y, label, picture);
      const long distance = DistanceTo(place, request.box);
      if (best_overlap == 0 && distance >= best_distance) continue;
      const long overlap = OverlapWith(place, taken);
      if (overlap < best_overlap || (overlap == best_overlap && distance < best_distance)) {
        best = place;
        best_overlap = overlap;
        best_distance = distance;
      }
    }
  }
  return best;
}

PixelRect PlaceOne(const std::vector<LabelRequest>& requests, size_t index,
                   const std::vector<PixelRect>& taken, PixelSize picture) {
  const std::vector<PixelRect> places = PlacesAtBox(requests[index], picture);
  const PixelRect* best = nullptr;
  double best_cost = 0;
  for (size_t rank = 0; rank < places.size(); ++rank) {
    if (OverlapWith(places[rank], taken) > 0) continue;
    const double cost =
        kCoverWeight * HiddenPart(places[rank], requests, index) + kRankWeight * rank;
    if (best == nullptr || cost < best_cost) {
      best = &places[rank];
      best_cost = cost;
    }
  }
  return best != nullptr ? *best : NearestFreePlace(requests[index], taken, picture);
}

}  // namespace

long SharedPixels(const PixelRect& a, const PixelRect& b) {
  const long width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const long height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

std::vector<PixelRect> PlaceLabels(const std::vector<LabelRequest>& requests, PixelSize picture) {
  std::vector<PixelRect> placed;
  placed.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    placed.push_back(PlaceOne(requests, i, placed, picture));
  }
  return placed;
}

}  // namespace mrmllm
