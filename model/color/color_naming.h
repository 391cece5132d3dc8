// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_COLOR_COLOR_NAMING_H_
#define MRMLLM_MODEL_COLOR_COLOR_NAMING_H_

#include <cstdint>
#include <string>

namespace mrmllm {

// The eleven basic color terms of English (B. Berlin, P. Kay: Basic Color Terms, 1969).
enum class BasicColor : uint8_t {
  kBlack,
  kWhite,
  kGrey,
  kRed,
  kOrange,
  kYellow,
  kGreen,
  kBlue,
  kPurple,
  kPink,
  kBrown,
};
inline constexpr int kBasicColorCount = 11;

// "black", "white", "grey", ...
std::string TermOf(BasicColor color);

// A color in OKLab (B. Ottosson: A perceptual color space for image processing, 2020), in which
// equal distances look about equally far apart, and which keeps hue when lightness and chroma
// change.
struct OkLab {
  float lightness = 0;  // L, [0, 1]
  float a = 0;          // from green to red
  float b = 0;          // from blue to yellow

  float chroma() const;  // C, 0 for greys; about 0.3 at most in sRGB
  float hue() const;     // h, degrees [0, 360): red 29, yellow 110, green 142, blue 264
};

// Of an sRGB pixel; its gamma is undone first.
OkLab ToOkLab(uint8_t red, uint8_t green, uint8_t blue);

// Too little chroma to have a hue in a photo, or too dark to show it.
bool IsAchromatic(const OkLab& color);

// What people call a color. The regions are sectors of hue that lightness and chroma divide further
// (brown is a dark or dull orange, pink a light red). Their bounds are fitted to the color survey
// of xkcd (R. Munroe, 2010: 222,500 people, public domain), and agree with 93 % of its 509 names
// that end in a basic term and hold no other; those of the greys also to photos, where light is
// never neutral.
BasicColor NameOf(const OkLab& color);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_COLOR_COLOR_NAMING_H_
