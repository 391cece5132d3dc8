// SPDX-License-Identifier: Apache-2.0
#include "model/color/color_naming.h"

#include <fstream>
#include <map>
#include <sstream>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

std::string NameOfRgb(uint32_t rgb) {
  return TermOf(NameOf(ToOkLab(static_cast<uint8_t>(rgb >> 16), static_cast<uint8_t>(rgb >> 8),
                               static_cast<uint8_t>(rgb))));
}

TEST(ToOkLabTest, MatchesThePublishedValues) {
  // Of CSS Color 4's sample conversions.
  const OkLab white = ToOkLab(255, 255, 255);
  EXPECT_NEAR(white.lightness, 1, 1e-4);
  EXPECT_NEAR(white.chroma(), 0, 1e-4);
  const OkLab red = ToOkLab(255, 0, 0);
  EXPECT_NEAR(red.lightness, 0.62796, 1e-4);
  EXPECT_NEAR(red.chroma(), 0.25768, 1e-4);
  EXPECT_NEAR(red.hue(), 29.234, 0.01);
  const OkLab blue = ToOkLab(0, 0, 255);
  EXPECT_NEAR(blue.lightness, 0.45201, 1e-4);
  EXPECT_NEAR(blue.hue(), 264.052, 0.01);
  EXPECT_NEAR(ToOkLab(0, 0, 0).lightness, 0, 1e-6);
}

TEST(NameOfTest, AgreesWithTheColorSurvey) {
  std::ifstream file(MRMLLM_SOURCE_DIR "/tests/golden/data/color_survey.txt");
  std::string line;
  int all = 0;
  std::map<std::string, std::pair<int, int>> by_term;  // agreed, asked
  int agreed = 0;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string term;
    uint32_t rgb = 0;
    fields >> term >> std::hex >> rgb;
    const bool equal = NameOfRgb(rgb) == term;
    agreed += equal;
    ++all;
    by_term[term].first += equal;
    ++by_term[term].second;
  }
  EXPECT_EQ(all, 509);
  EXPECT_GE(agreed, 0.92 * all);
  EXPECT_EQ(by_term.size(), size_t{kBasicColorCount});
  for (const auto& [term, count] : by_term) {
    EXPECT_GE(count.first, 0.68 * count.second) << term;
  }
}

TEST(NameOfTest, NamesTheFocalColors) {
  const std::pair<uint32_t, const char*> kFoci[] = {
      {0x000000, "black"},  {0xffffff, "white"},  {0x929591, "grey"},  {0xe50000, "red"},
      {0xf97306, "orange"}, {0xffff14, "yellow"}, {0x15b01a, "green"}, {0x0343df, "blue"},
      {0x7e1e9c, "purple"}, {0xff81c0, "pink"},   {0x653700, "brown"}, {0xffd700, "yellow"},
      {0xf5c400, "yellow"}, {0x8b4513, "brown"},  {0x00ffff, "blue"},  {0x000080, "blue"},
      {0x800000, "red"},    {0xd2b48c, "brown"},  {0xffc0cb, "pink"},  {0x556b2f, "green"},
      {0xffa500, "orange"}, {0x800080, "purple"}};
  for (const auto& [rgb, term] : kFoci) EXPECT_EQ(NameOfRgb(rgb), term) << std::hex << rgb;
}

TEST(NameOfTest, BrownIsADarkOrDullOrange) {
  EXPECT_EQ(NameOfRgb(0xff8000), "orange");
  EXPECT_EQ(NameOfRgb(0x804000), "brown");
  EXPECT_EQ(NameOfRgb(0xa08060), "brown");
}

TEST(NameOfTest, GreysGoFromBlackToWhiteOnceEach) {
  std::string seen;
  for (uint32_t value = 0; value < 256; ++value) {
    const std::string term = NameOfRgb(value * 0x010101);
    if (!seen.ends_with(term)) seen += (seen.empty() ? "" : " ") + term;
  }
  EXPECT_EQ(seen, "black grey white");
}

TEST(NameOfTest, WhiteByLampLightIsStillWhite) {
  EXPECT_EQ(NameOfRgb(0xfff0d8), "white");
  EXPECT_EQ(NameOfRgb(0xe0f0e8), "white");
}

TEST(IsAchromaticTest, TheDarkestPixelsShowNoHue) {
  EXPECT_TRUE(IsAchromatic(ToOkLab(6, 0, 0)));
  EXPECT_FALSE(IsAchromatic(ToOkLab(90, 0, 0)));
}

}  // namespace
}  // namespace mrmllm
