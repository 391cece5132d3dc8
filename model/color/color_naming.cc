// SPDX-License-Identifier: Apache-2.0
#include "model/color/color_naming.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace mrmllm {
namespace {

constexpr float kDarkest = 0.12f;  // nothing below shows a hue
constexpr float kBlack = 0.33f;    // lightness below which a grey is black
constexpr float kWhite = 0.85f;    // and above which it is white

// sRGB's transfer function undone, for every value of a channel (IEC 61966-2-1).
const std::array<float, 256>& LinearOf() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> linear{};
    for (int i = 0; i < 256; ++i) {
      const double value = i / 255.0;
      linear[i] = static_cast<float>(value <= 0.04045 ? value / 12.92
                                                      : std::pow((value + 0.055) / 1.055, 2.4));
    }
    return linear;
  }();
  return table;
}

// Around red: pink when light, brown when dull and not light.
BasicColor NameOfReddish(float lightness, float chroma) {
  constexpr float kPinkLightness = 0.68f;
  constexpr float kDullLightness = 0.60f;
  constexpr float kDullChroma = 0.13f;
  if (lightness > kPinkLightness) return BasicColor::kPink;
  if (chroma < kDullChroma && lightness > kDullLightness) return BasicColor::kPink;
  // A dark red cannot have much chroma.
  if (chroma < kDullChroma * std::min(1.0f, lightness / 0.5f)) return BasicColor::kBrown;
  return BasicColor::kRed;
}

BasicColor NameOfOrangeHue(float lightness, float chroma) {
  constexpr float kPeachLightness = 0.82f;
  if (lightness > kPeachLightness) return BasicColor::kOrange;
  return lightness >= 0.56f && chroma >= 0.12f ? BasicColor::kOrange : BasicColor::kBrown;
}

BasicColor NameOfYellowHue(float lightness, float chroma, float hue) {
  constexpr float kOliveHue = 104;
  if (lightness >= 0.66f && chroma >= 0.11f) return BasicColor::kYellow;
  return hue > kOliveHue ? BasicColor::kGreen : BasicColor::kBrown;
}

}  // namespace

std::string TermOf(BasicColor color) {
  constexpr std::array<const char*, kBasicColorCount> kTerms = {"black",  "white",  "grey",  "red",
                                                                "orange", "yellow", "green", "blue",
                                                                "purple", "pink",   "brown"};
  return kTerms[static_cast<size_t>(color)];
}

float OkLab::chroma() const { return std::sqrt(a * a + b * b); }

float OkLab::hue() const {
  const float degrees = std::atan2(b, a) * 180 / std::numbers::pi_v<float>;
  return degrees < 0 ? degrees + 360 : degrees;
}

OkLab ToOkLab(uint8_t red, uint8_t green, uint8_t blue) {
  const std::array<float, 256>& linear = LinearOf();
  const float r = linear[red];
  const float g = linear[green];
  const float b = linear[blue];
  // Responses of the eye's cones, compressed.
  const float l = std::cbrt(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
  const float m = std::cbrt(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
  const float s = std::cbrt(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);
  return {.lightness = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s,
          .a = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s,
          .b = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s};
}

bool IsAchromatic(const OkLab& color) {
  const float chroma = color.chroma();
  if (color.lightness < kDarkest || chroma < 0.025f + 0.03f * color.lightness) return true;
  if (color.lightness < kBlack && chroma < 0.05f) return true;
  // White things by lamp light are cream in a photo.
  return color.lightness > kWhite && chroma < 0.08f && color.hue() > 50 && color.hue() < 115;
}

BasicColor NameOf(const OkLab& color) {
  const float lightness = color.lightness;
  if (IsAchromatic(color)) {
    if (lightness < kBlack) return BasicColor::kBlack;
    return lightness > kWhite ? BasicColor::kWhite : BasicColor::kGrey;
  }
  const float hue = color.hue();
  const float chroma = color.chroma();
  if (hue < 35) return NameOfReddish(lightness, chroma);
  if (hue < 74) return NameOfOrangeHue(lightness, chroma);
  if (hue < 113) return NameOfYellowHue(lightness, chroma, hue);
  if (hue < 173) return BasicColor::kGreen;
  if (hue < 288) return BasicColor::kBlue;
  if (hue < 332) return BasicColor::kPurple;
  return lightness < 0.54f ? BasicColor::kPurple : BasicColor::kPink;
}

}  // namespace mrmllm
