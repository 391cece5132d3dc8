// SPDX-License-Identifier: Apache-2.0
#include "client/draw/palette.h"

#include <algorithm>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(PaletteTest, GivesALabelTheSameColorOnEveryMachine) {
  EXPECT_EQ(ColorOf("cat"), (Color{158, 204, 110}));
  EXPECT_EQ(ColorOf("person"), (Color{255, 99, 97}));
}

TEST(PaletteTest, TextIsReadableOnEveryColor) {
  for (int i = 0; i < 500; ++i) {
    const Color background = ColorOf("label " + std::to_string(i));
    const double a = Luminance(background) + 0.05;
    const double b = Luminance(TextColorOn(background)) + 0.05;
    EXPECT_GE(std::max(a, b) / std::min(a, b), 4.5) << "label " << i;  // WCAG AA
  }
}

TEST(PaletteTest, ChoosesInkOnBrightAndWhiteOnDark) {
  EXPECT_EQ(TextColorOn(kWhite), kInk);
  EXPECT_EQ(TextColorOn(kInk), kWhite);
}

}  // namespace
}  // namespace mrmllm
