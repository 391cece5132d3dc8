// SPDX-License-Identifier: Apache-2.0
#include "model/perception/second_look_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mrmllm {
namespace {

constexpr float kOverlap = 0.25f;  // of a square's side, with its neighbour
// The coarsest squares are as high as a wide image; of one that is nearly square, this part.
constexpr float kCoarsest = 0.75f;
constexpr float kNearlySquare = 1.2f;                    // longer by shorter side
constexpr float kFinerSides[] = {1.0f, 0.733f, 0.533f};  // of the coarsest
constexpr float kLeastDoubt = 0.5f;  // in a square; with less there is nothing to settle

// Most for a box that is as likely there as not.
float Doubt(float score) { return 4 * score * (1 - score); }

bool Holds(const NormalizedBox& square, const NormalizedBox& box) {
  return box.x_min >= square.x_min && box.y_min >= square.y_min && box.x_max <= square.x_max &&
         box.y_max <= square.y_max;
}

struct RankedSquare {
  NormalizedBox square;
  float doubt = 0;  // of the boxes in it that no better square holds
};

std::vector<RankedSquare> Rank(std::vector<NormalizedBox> squares,
                               const SecondLookReasons& reasons) {
  std::vector<std::pair<NormalizedBox, float>> boxes;
  for (const Detection& detection : reasons.detections) {
    if (reasons.class_ids.empty() || reasons.class_ids.contains(detection.class_id)) {
      boxes.emplace_back(detection.box, Doubt(detection.score));
    }
  }
  std::vector<RankedSquare> ranked;
  while (!squares.empty()) {
    RankedSquare best{.doubt = -1};
    for (const NormalizedBox& square : squares) {
      float doubt = 0;
      for (const auto& [box, doubt_of_box] : boxes) {
        if (Holds(square, box)) doubt += doubt_of_box;
      }
      if (doubt > best.doubt) best = {square, doubt};
    }
    ranked.push_back(best);
    squares.erase(std::find(squares.begin(), squares.end(), best.square));
    std::erase_if(boxes, [&](const auto& box) { return Holds(best.square, box.first); });
  }
  return ranked;
}

float CoarsestSide(int width, int height) {
  const auto longer = static_cast<float>(std::max(width, height));
  const auto shorter = static_cast<float>(std::min(width, height));
  return longer > kNearlySquare * shorter ? shorter : kCoarsest * longer;
}

// Begin and end, in fractions, of the stretches of `length` that cover `whole`.
std::vector<std::pair<float, float>> Stretches(float whole, float length) {
  if (length >= whole) return {{0, 1}};
  // Rounding must not add one more.
  const float needed = (whole - kOverlap * length) / ((1 - kOverlap) * length) - 1e-3f;
  const int count = std::max(2, static_cast<int>(std::ceil(needed)));
  std::vector<std::pair<float, float>> stretches;
  for (int i = 0; i < count; ++i) {
    const float begin = static_cast<float>(i) * (whole - length) / static_cast<float>(count - 1);
    stretches.emplace_back(begin / whole, std::min(1.0f, (begin + length) / whole));
  }
  return stretches;
}

}  // namespace

std::vector<NormalizedBox> CoveringSquares(int width, int height, float side) {
  std::vector<NormalizedBox> squares;
  for (const auto& [y_min, y_max] : Stretches(static_cast<float>(height), side)) {
    for (const auto& [x_min, x_max] : Stretches(static_cast<float>(width), side)) {
      squares.push_back({x_min, y_min, x_max, y_max});
    }
  }
  return squares;
}

std::vector<NormalizedBox> PlanSecondLook(const SecondLookReasons& reasons,
                                          const SecondLookSettings& settings) {
  const bool automatic = settings.mode == SecondLookMode::kAutomatic;
  const int seen_side = std::min(std::max(reasons.width, reasons.height), reasons.detail_side);
  if (settings.mode == SecondLookMode::kOff || reasons.width <= 0 || reasons.height <= 0 ||
      (automatic && (reasons.class_ids.empty() || seen_side <= reasons.input_size))) {
    return {};
  }
  const float coarsest = CoarsestSide(reasons.width, reasons.height);
  const auto wanted = static_cast<size_t>(settings.max_crops);
  std::vector<NormalizedBox> regions;
  for (const float part : kFinerSides) {
    // What is asked for may have been missed anywhere; closer looks need something to look at.
    const bool everywhere = !automatic || part == kFinerSides[0];
    for (const RankedSquare& ranked :
         Rank(CoveringSquares(reasons.width, reasons.height, part * coarsest), reasons)) {
      if (regions.size() == wanted) return regions;
      if (everywhere || ranked.doubt >= kLeastDoubt) regions.push_back(ranked.square);
    }
  }
  return regions;
}

}  // namespace mrmllm
