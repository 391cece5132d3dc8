// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/svg.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/bench/report/well_formed.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SvgTest, IsWellFormedWhateverTheWords) {
  Svg svg(100, 50, "a < b & \"c\"");
  svg.Line({0, 0}, {10, 5}, "axis");
  svg.Polyline({{0, 0}, {1, 2}, {3, 4}}, "line");
  svg.Dot({5, 5}, 2, "dot");
  svg.Text({1, 1}, "<&>", "word", Svg::Anchor::kEnd);
  svg.UprightText({1, 1}, "up", "word");
  const std::string text = svg.Render(".axis { stroke: #777 }\n");
  EXPECT_EQ(WhyNotWellFormed(text), "");
  EXPECT_THAT(text, HasSubstr("&lt;&amp;&gt;"));
  EXPECT_THAT(text, HasSubstr("<title>a &lt; b &amp; &quot;c&quot;</title>"));
}

TEST(AxisStepsTest, AreRoundAndReachTheHighestValue) {
  EXPECT_THAT(AxisSteps(10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(AxisSteps(0.9, 5), ElementsAre(0, 0.2, 0.4, testing::DoubleEq(0.6), 0.8, 1));
  EXPECT_THAT(AxisSteps(2300, 5), ElementsAre(0, 500, 1000, 1500, 2000, 2500));
  EXPECT_THAT(AxisSteps(0, 5), ElementsAre(0, 0.2, 0.4, testing::DoubleEq(0.6), 0.8, 1));
}

TEST(AxisStepsTest, AreNeverTooMany) {
  for (double most = 0.001; most < 1e6; most *= 1.37) {
    const std::vector<double> steps = AxisSteps(most, 5);
    EXPECT_LE(steps.size(), 6u) << most;
    EXPECT_GE(steps.size(), 3u) << most;
    EXPECT_GE(steps.back(), most * (1 - 1e-6));
  }
}

TEST(NumberTextTest, HasThreeDigits) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(0.4567), "0.457");
  EXPECT_EQ(NumberText(12.345), "12.3");
  EXPECT_EQ(NumberText(1234.5), "1234");
}

}  // namespace
}  // namespace mrmllm
