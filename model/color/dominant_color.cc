// SPDX-License-Identifier: Apache-2.0
#include "model/color/dominant_color.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace mrmllm {
namespace {

// A grid over the box and a frame around it.
constexpr int kInside = 16;  // samples a side of the box
constexpr int kFrame = 2;    // samples of the frame on each side
constexpr int kSide = kInside + 2 * kFrame;
constexpr float kSpread = 0.45f;  // deviation of the middle's weight, in halves of the box's side

constexpr int kHues = 36;          // bins of ten degrees
constexpr int kHueReach = 3;       // bins on each side that belong to the same hue
constexpr float kSurround = 0.5f;  // how much the frame's share counts against a color
// A thing with a color and black or white parts is called by the color.
constexpr float kAchromaticWeight = 0.8f;

constexpr std::string_view kWithoutColor = "person";

struct Sample {
  OkLab color;
  int hue = -1;       // bin; -1: achromatic
  float weight = 0;   // inside the box
  float outside = 0;  // in the frame
};

// How much the samples of a row or a column inside the box count: a bell over the middle.
std::array<float, kInside> MiddleWeights() {
  std::array<float, kInside> weights{};
  for (int i = 0; i < kInside; ++i) {
    const float off = (2 * i + 1.0f) / kInside - 1;  // [-1, 1]
    weights[i] = std::exp(-off * off / (2 * kSpread * kSpread));
  }
  return weights;
}

std::vector<Sample> TakeSamples(const Image& detail, const NormalizedBox& box) {
  static const std::array<float, kInside> middle = MiddleWeights();
  std::vector<Sample> samples;
  samples.reserve(size_t{kSide} * kSide);
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const float u = (column - kFrame + 0.5f) / kInside;  // [0, 1] inside the box
      const float v = (row - kFrame + 0.5f) / kInside;
      const int x =
          static_cast<int>(std::floor((box.x_min + u * (box.x_max - box.x_min)) * detail.width));
      const int y =
          static_cast<int>(std::floor((box.y_min + v * (box.y_max - box.y_min)) * detail.height));
      if (x < 0 || y < 0 || x >= detail.width || y >= detail.height) continue;
      const uint8_t* pixel = &detail.pixels[(size_t{3} * y) * detail.width + size_t{3} * x];
      Sample sample{.color = ToOkLab(pixel[0], pixel[1], pixel[2])};
      if (!IsAchromatic(sample.color)) {
        sample.hue = static_cast<int>(sample.color.hue() * kHues / 360) % kHues;
      }
      if (u > 0 && u < 1 && v > 0 && v < 1) {
        sample.weight = middle[column - kFrame] * middle[row - kFrame];
      } else {
        sample.outside = 1;
      }
      samples.push_back(sample);
    }
  }
  return samples;
}

void Normalize(std::vector<Sample>& samples, float Sample::*weight) {
  float sum = 0;
  for (const Sample& sample : samples) sum += sample.*weight;
  if (sum == 0) return;
  for (Sample& sample : samples) sample.*weight /= sum;
}

int HueDistance(int a, int b) {
  const int apart = std::abs(a - b);
  return std::min(apart, kHues - apart);
}

struct Share {
  float inside = 0;
  float outside = 0;

  // What is left of it when the surroundings are held against it.
  float kept() const { return inside == 0 ? 0 : inside * inside / (inside + kSurround * outside); }
};

struct Votes {
  Share achromatic;
  std::array<Share, kHues> hues;  // each with its neighbors
};

Votes Count(const std::vector<Sample>& samples) {
  Votes votes;
  for (const Sample& sample : samples) {
    if (sample.hue < 0) {
      votes.achromatic.inside += sample.weight;
      votes.achromatic.outside += sample.outside;
      continue;
    }
    for (int offset = -kHueReach; offset <= kHueReach; ++offset) {
      Share& share = votes.hues[(sample.hue + offset + kHues) % kHues];
      share.inside += sample.weight;
      share.outside += sample.outside;
    }
  }
  return votes;
}

// The lightness below which `part` of the achromatic samples' weight lies.
class LightnessQuantiles {
 public:
  explicit LightnessQuantiles(const std::vector<Sample>& samples) {
    for (const Sample& sample : samples) {
      if (sample.hue < 0 && sample.weight > 0) {
        sorted_.push_back({sample.color.lightness, sample.weight});
      }
    }
    std::ranges::sort(sorted_, {}, &Weighted::lightness);
    for (const Weighted& entry : sorted_) total_ += entry.weight;
  }

  float at(float part) const {
    float sum = 0;
    for (const Weighted& entry : sorted_) {
      sum += entry.weight;
      if (sum >= part * total_) return entry.lightness;
    }
    return sorted_.back().lightness;
  }

 private:
  struct Weighted {
    float lightness;
    float weight;
  };
  std::vector<Weighted> sorted_;
  float total_ = 0;
};

std::optional<BasicColor> NameOfGreys(const LightnessQuantiles& lightness) {
  constexpr float kDark = 0.36f;
  constexpr float kShaded = 0.45f;    // as dark as a white thing is in its own shade
  constexpr float kHalfLight = 0.6f;  // as dark as half of it may be
  constexpr float kLight = 0.8f;
  if (lightness.at(0.6f) < kDark) return BasicColor::kBlack;  // the rest are highlights
  if (lightness.at(0.25f) < kDark && lightness.at(0.75f) > kHalfLight) return std::nullopt;
  if (lightness.at(0.7f) > kLight && lightness.at(0.5f) > kHalfLight) {
    if (lightness.at(0.25f) <= kShaded) return std::nullopt;
    return BasicColor::kWhite;
  }
  return BasicColor::kGrey;
}

BasicColor NameOfHue(const std::vector<Sample>& samples, int hue) {
  OkLab mean;
  float sum = 0;
  for (const Sample& sample : samples) {
    if (sample.hue < 0 || HueDistance(sample.hue, hue) > kHueReach) continue;
    const float chroma = sample.color.chroma();
    const float weight = sample.weight * chroma * chroma;
    mean.lightness += weight * sample.color.lightness;
    mean.a += weight * sample.color.a;
    mean.b += weight * sample.color.b;
    sum += weight;
  }
  return NameOf({mean.lightness / sum, mean.a / sum, mean.b / sum});
}

}  // namespace

std::optional<DominantColor> FindDominantColor(const Image& detail, const NormalizedBox& box) {
  std::vector<Sample> samples = TakeSamples(detail, box);
  Normalize(samples, &Sample::weight);
  Normalize(samples, &Sample::outside);
  const Votes votes = Count(samples);
  const auto best = std::ranges::max_element(votes.hues, {}, &Share::kept);
  if (kAchromaticWeight * votes.achromatic.kept() > best->kept()) {
    if (votes.achromatic.inside < kMinShare) return std::nullopt;
    const std::optional<BasicColor> tone = NameOfGreys(LightnessQuantiles(samples));
    if (!tone) return std::nullopt;
    return DominantColor{*tone, std::min(votes.achromatic.inside, 1.0f)};
  }
  if (best->inside < kMinShare) return std::nullopt;
  const int hue = static_cast<int>(best - votes.hues.begin());
  return DominantColor{NameOfHue(samples, hue), std::min(best->inside, 1.0f)};
}

void AssignColors(const Image& detail, std::vector<Detection>& detections) {
  for (Detection& detection : detections) {
    if (!detection.sure || detection.label == kWithoutColor) continue;
    if (const auto found = FindDominantColor(detail, detection.box)) {
      detection.color = TermOf(found->color);
      detection.color_score = found->share;
    }
  }
}

}  // namespace mrmllm
