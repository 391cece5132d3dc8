// SPDX-License-Identifier: Apache-2.0
#include "model/training/report/loss_curve.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

TEST(LossCurveTest, TheTableLeavesEmptyWhatWasNotMeasured) {
  EXPECT_EQ(CurveCsv({{2.5, -1, 1e-4}, {1.25, 1.5, 2e-4}}),
            "step,loss,held_out_loss,learning_rate\n1,2.5,,0.0001\n2,1.25,1.5,0.0002\n");
}

TEST(LossCurveTest, ThePictureHasALineOfAllStepsAndADotForEachHeldOutLoss) {
  // From 10 to 0.1 is the whole height, 28 to 320; 1 is in the middle.
  const std::string svg = CurveSvg({{10, -1, 0}, {1, -1, 0}, {0.1, 1, 0}});
  EXPECT_THAT(svg, HasSubstr("points=\"56.0,28.0 380.0,174.0 704.0,320.0 \""));
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"704.0\" cy=\"174.0\""));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
}

TEST(LossCurveTest, LossesOfNoneAndOneAndZeroStayInTheFrame) {
  EXPECT_THAT(CurveSvg({}), HasSubstr("points=\"\""));
  EXPECT_THAT(CurveSvg({{1, -1, 0}}), HasSubstr("points=\"56.0,"));
  EXPECT_THAT(CurveSvg({{1, 0, 0}, {0, 0, 0}}), testing::Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace mrmllm
