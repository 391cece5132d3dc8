// SPDX-License-Identifier: Apache-2.0
#include "model/perception/second_look_plan.h"

#include <gtest/gtest.h>

namespace mrmllm {
namespace {

constexpr int kPerson = 0;
constexpr int kDog = 1;

// Of a 1280 x 960 image under a detector of 416 x 416.
class SecondLookPlanTest : public testing::Test {
 protected:
  void See(const NormalizedBox& box, int class_id, float score) {
    detections_.push_back(
        {.box = box, .class_id = class_id, .score = score, .sure = score >= 0.3f});
  }

  std::vector<NormalizedBox> Plan(SecondLookMode mode, int max_crops = 4) const {
    return PlanSecondLook({detections_, width_, height_, 1280, 416, class_ids_}, {mode, max_crops});
  }

  std::vector<Detection> detections_;
  std::set<int> class_ids_;
  int width_ = 1280;
  int height_ = 960;
};

bool Holds(const NormalizedBox& region, const NormalizedBox& box) {
  return box.x_min >= region.x_min && box.y_min >= region.y_min && box.x_max <= region.x_max &&
         box.y_max <= region.y_max;
}

constexpr NormalizedBox kSmallTopLeft{0.1f, 0.1f, 0.13f, 0.13f};
constexpr NormalizedBox kSmallBottomRight{0.85f, 0.85f, 0.88f, 0.88f};

TEST_F(SecondLookPlanTest, OffLooksNowhere) {
  See(kSmallTopLeft, kDog, 0.4f);
  EXPECT_TRUE(Plan(SecondLookMode::kOff).empty());
}

TEST_F(SecondLookPlanTest, AutomaticLooksNowhereWhenNothingIsAsked) {
  See(kSmallBottomRight, kDog, 0.4f);
  EXPECT_TRUE(Plan(SecondLookMode::kAutomatic).empty());
}

TEST_F(SecondLookPlanTest, AutomaticLooksNowhereInAnImageSeenInFull) {
  See(kSmallTopLeft, kDog, 0.4f);
  class_ids_ = {kDog};
  ASSERT_FALSE(Plan(SecondLookMode::kAutomatic).empty());
  width_ = 400;
  height_ = 300;
  EXPECT_TRUE(Plan(SecondLookMode::kAutomatic).empty());
}

TEST_F(SecondLookPlanTest, TheSquareWithMostDoubtComesFirst) {
  See(kSmallTopLeft, kDog, 0.9f);
  See({0.05f, 0.5f, 0.1f, 0.6f}, kDog, 0.9f);
  See(kSmallBottomRight, kDog, 0.5f);
  const auto regions = Plan(SecondLookMode::kAlways, 1);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0], (NormalizedBox{0.25f, 0, 1, 1}));
}

TEST_F(SecondLookPlanTest, ForAnAskedClassAutomaticLooksEverywhereWhereItMayBeFirst) {
  See(kSmallTopLeft, kDog, 0.5f);
  See(kSmallBottomRight, kPerson, 0.4f);
  class_ids_ = {kPerson};
  const auto regions = Plan(SecondLookMode::kAutomatic);
  ASSERT_EQ(regions.size(), 4u);
  EXPECT_EQ(regions[0], (NormalizedBox{0.25f, 0, 1, 1}));
  EXPECT_EQ(regions[1], (NormalizedBox{0, 0, 0.75f, 1}));
  EXPECT_TRUE(Holds(regions[2], kSmallBottomRight));
  EXPECT_TRUE(Holds(regions[3], kSmallBottomRight));
  EXPECT_LT(regions[2].area(), 0.5f);
  EXPECT_LT(regions[3].area(), regions[2].area());
}

TEST_F(SecondLookPlanTest, AnAskedClassOfWhichNothingWasSeenIsLookedForEverywhere) {
  class_ids_ = {kPerson};
  EXPECT_EQ(Plan(SecondLookMode::kAutomatic).size(), 2u);
}

TEST_F(SecondLookPlanTest, AlwaysTakesTheNumberAskedForAndThoseWithReasonsFirst) {
  EXPECT_EQ(Plan(SecondLookMode::kAlways, 4).size(), 4u);
  EXPECT_EQ(Plan(SecondLookMode::kAlways, 16).size(), 16u);
  See(kSmallBottomRight, kDog, 0.4f);
  const auto regions = Plan(SecondLookMode::kAlways, 3);
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_TRUE(Holds(regions[0], kSmallBottomRight));
}

TEST_F(SecondLookPlanTest, NoMoreThanTheNumberAskedFor) {
  See(kSmallTopLeft, kDog, 0.4f);
  See(kSmallBottomRight, kDog, 0.4f);
  class_ids_ = {kDog};
  EXPECT_EQ(Plan(SecondLookMode::kAutomatic, 1).size(), 1u);
  EXPECT_EQ(Plan(SecondLookMode::kAutomatic, 3).size(), 3u);
}

TEST_F(SecondLookPlanTest, NoRegionTwice) {
  const auto regions = Plan(SecondLookMode::kAlways, 16);
  for (size_t i = 0; i < regions.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(regions[i] == regions[j]);
  }
}

TEST(CoveringSquaresTest, AWideImageTakesTwoThatOverlap) {
  EXPECT_EQ(CoveringSquares(640, 480, 480),
            (std::vector<NormalizedBox>{{0, 0, 0.75f, 1}, {0.25f, 0, 1, 1}}));
}

TEST(CoveringSquaresTest, ATallImageIsCoveredFromTopToBottom) {
  EXPECT_EQ(CoveringSquares(480, 640, 480),
            (std::vector<NormalizedBox>{{0, 0, 1, 0.75f}, {0, 0.25f, 1, 1}}));
}

TEST(CoveringSquaresTest, NeighboursOverlapByAQuarterOrMore) {
  const auto squares = CoveringSquares(1000, 100, 100);
  ASSERT_GT(squares.size(), 2u);
  EXPECT_EQ(squares.front().x_min, 0);
  EXPECT_FLOAT_EQ(squares.back().x_max, 1);
  for (size_t i = 1; i < squares.size(); ++i) {
    EXPECT_GE(squares[i - 1].x_max - squares[i].x_min, 0.25f * 0.1f - 1e-4f);
  }
}

TEST(CoveringSquaresTest, ASquareLargerThanTheImageIsAllOfIt) {
  EXPECT_EQ(CoveringSquares(640, 480, 700), (std::vector<NormalizedBox>{{0, 0, 1, 1}}));
}

}  // namespace
}  // namespace mrmllm
