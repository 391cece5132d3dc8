// SPDX-License-Identifier: Apache-2.0
#include "model/color/dominant_color.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;

  Rgb operator*(float light) const {
    const auto lit = [light](int value) {
      return std::clamp(static_cast<int>(static_cast<float>(value) * light), 0, 255);
    };
    return {lit(red), lit(green), lit(blue)};
  }
};
constexpr Rgb kRed{200, 20, 20};
constexpr Rgb kGrass{70, 140, 50};
constexpr Rgb kWhite{250, 250, 250};
constexpr Rgb kBlack{15, 15, 15};

// A picture painted by fractions of its sides.
using Painter = std::function<Rgb(float x, float y)>;
Image Painted(int width, int height, const Painter& paint) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Rgb color = paint((static_cast<float>(x) + 0.5f) / static_cast<float>(width),
                              (static_cast<float>(y) + 0.5f) / static_cast<float>(height));
      for (int value : {color.red, color.green, color.blue}) {
        image.pixels.push_back(static_cast<uint8_t>(value));
      }
    }
  }
  return image;
}

// A disc in the middle, whose box is kMiddle, on a ground.
constexpr NormalizedBox kMiddle{0.25f, 0.25f, 0.75f, 0.75f};
Image Disc(Rgb disc, Rgb ground, int width = 200, int height = 200) {
  return Painted(width, height, [=](float x, float y) {
    return std::hypot(x - 0.5f, y - 0.5f) < 0.25f ? disc : ground;
  });
}

// "red", or "none".
std::string ColorIn(const Image& image, const NormalizedBox& box) {
  const auto found = FindDominantColor(image, box);
  return found ? TermOf(found->color) : "none";
}

TEST(FindDominantColorTest, ADiscHasItsOwnColorAndNotTheGrounds) {
  EXPECT_EQ(ColorIn(Disc(kRed, kGrass), kMiddle), "red");
  EXPECT_EQ(ColorIn(Disc(kGrass, kRed), kMiddle), "green");
  EXPECT_EQ(ColorIn(Disc(kBlack, kGrass), kMiddle), "black");
  EXPECT_EQ(ColorIn(Disc(kWhite, {90, 90, 90}), kMiddle), "white");
  EXPECT_EQ(ColorIn(Disc({101, 55, 0}, kWhite), kMiddle), "brown");
  EXPECT_EQ(ColorIn(Disc({249, 115, 6}, kWhite), kMiddle), "orange");
}

TEST(FindDominantColorTest, TheShareIsOfThePixelsInTheBox) {
  EXPECT_NEAR(FindDominantColor(Disc(kRed, kGrass), {0.4f, 0.4f, 0.6f, 0.6f})->share, 1, 1e-4);
  const float share = FindDominantColor(Disc(kRed, kGrass), kMiddle)->share;
  EXPECT_GT(share, 0.8f);
  EXPECT_LT(share, 1.0f);
}

TEST(FindDominantColorTest, SizeAndShapeDoNotMatter) {
  for (const auto& [width, height] :
       {std::pair{24, 24}, {60, 400}, {640, 480}, {1280, 40}, {1000, 1000}}) {
    EXPECT_EQ(ColorIn(Disc(kRed, kGrass, width, height), kMiddle), "red") << width << "x" << height;
  }
}

TEST(FindDominantColorTest, HighlightsAndShadowsLeaveTheColor) {
  const Image ball = Painted(200, 200, [](float x, float y) {
    const float distance = std::hypot(x - 0.5f, y - 0.5f);
    if (distance >= 0.25f) return kGrass;
    if (std::hypot(x - 0.42f, y - 0.42f) < 0.05f) return kWhite;  // a highlight
    return kRed * (1.2f - 1.6f * (x + y - 0.7f));                 // from light to dark
  });
  EXPECT_EQ(ColorIn(ball, kMiddle), "red");
}

TEST(FindDominantColorTest, WindowsAndWheelsLeaveABusItsColor) {
  const Image bus = Painted(300, 200, [](float x, float y) {
    if (x < 0.1f || x > 0.9f || y < 0.2f || y > 0.8f) return Rgb{150, 150, 150};
    if (y > 0.3f && y < 0.45f) return kBlack;
    return Rgb{250, 200, 20};
  });
  EXPECT_EQ(ColorIn(bus, {0.1f, 0.2f, 0.9f, 0.8f}), "yellow");
}

TEST(FindDominantColorTest, WhatIsAroundTheBoxCountsLess) {
  // Something black and shaggy: more grass than dog in its box.
  const Image dog = Painted(200, 200, [](float x, float y) {
    const bool inside = x > 0.25f && x < 0.75f && y > 0.25f && y < 0.75f;
    return inside && std::fmod(x * 40, 2.0f) < 1.1f ? kBlack : kGrass;
  });
  EXPECT_EQ(ColorIn(dog, kMiddle), "black");
}

TEST(FindDominantColorTest, AShadedWhiteThingIsWhite) {
  const Image mug = Painted(200, 200, [](float x, float y) {
    if (std::hypot(x - 0.5f, y - 0.5f) >= 0.25f) return kGrass;
    return kWhite * (1.0f - 1.0f * std::max(0.0f, x - 0.5f));
  });
  EXPECT_EQ(ColorIn(mug, kMiddle), "white");
}

TEST(FindDominantColorTest, GreyGradientsAreGreyOrNothing) {
  const auto gradient = [](float from, float to) {
    return Painted(100, 100, [=](float x, float) { return kWhite * (from + (to - from) * x); });
  };
  EXPECT_EQ(ColorIn(gradient(0.3f, 0.7f), kMiddle), "grey");
  EXPECT_EQ(ColorIn(gradient(0.0f, 0.2f), kMiddle), "black");
  EXPECT_EQ(ColorIn(gradient(0.9f, 1.0f), kMiddle), "white");
}

TEST(FindDominantColorTest, NothingDominatesStripesAndPatchwork) {
  const Image zebra = Painted(
      200, 200, [](float x, float) { return std::fmod(x * 20, 2.0f) < 1.0f ? kBlack : kWhite; });
  EXPECT_EQ(ColorIn(zebra, kMiddle), "none");
  const Image blurred = Painted(200, 200, [](float x, float) {
    const float stripe = std::fmod(x * 20, 2.0f);
    return stripe < 0.6f ? kBlack : stripe < 1.2f ? kWhite : Rgb{120, 120, 120};
  });
  EXPECT_EQ(ColorIn(blurred, kMiddle), "none");
  const Image patches = Painted(200, 200, [](float x, float y) {
    constexpr Rgb kColors[] = {{220, 20, 20}, {20, 160, 30}, {30, 60, 220}, {250, 220, 20}};
    return kColors[static_cast<int>(x * 16) % 2 + 2 * (static_cast<int>(y * 16) % 2)];
  });
  EXPECT_EQ(ColorIn(patches, kMiddle), "none");
}

TEST(FindDominantColorTest, BoxesAtTheEdgeAndTinyOnesAreRead) {
  const Image red = Painted(50, 50, [](float, float) { return kRed; });
  EXPECT_EQ(ColorIn(red, {0, 0, 1, 1}), "red");
  EXPECT_EQ(ColorIn(red, {0.9f, 0.9f, 1, 1}), "red");
  EXPECT_EQ(ColorIn(red, {0.5f, 0.5f, 0.51f, 0.51f}), "red");
  EXPECT_EQ(ColorIn(red, {0.5f, 0.5f, 0.5f, 0.5f}), "red");
  EXPECT_EQ(ColorIn({}, {0, 0, 1, 1}), "none");
}

TEST(AssignColorsTest, ColorsSureObjectsButNotPeople) {
  std::vector<Detection> detections = {{.box = kMiddle, .label = "cup", .sure = true},
                                       {.box = kMiddle, .label = "person", .sure = true},
                                       {.box = kMiddle, .label = "cup", .sure = false}};
  AssignColors(Disc(kRed, kGrass), detections);
  EXPECT_EQ(detections[0].color, "red");
  EXPECT_GT(detections[0].color_score, 0.8f);
  EXPECT_EQ(detections[1].color, "");
  EXPECT_EQ(detections[2].color, "");
}

}  // namespace
}  // namespace mrmllm
