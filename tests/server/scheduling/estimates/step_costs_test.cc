// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/step_costs.h"

#include <vector>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

double SecondsOf(const StepCost& cost, double units) {
  return absl::ToDoubleSeconds(cost.Of(units));
}

TEST(StepCostTest, IsUnknownUntilAFewStepsWereMeasured) {
  StepCost cost;
  cost.Observe(1, absl::Seconds(1));
  cost.Observe(1, absl::Seconds(1));
  EXPECT_FALSE(cost.known());
  cost.Observe(1, absl::Seconds(1));
  EXPECT_TRUE(cost.known());
}

TEST(StepCostTest, FindsTheLineThroughWhatWasMeasured) {
  StepCost cost;
  for (int units : {1, 16, 4, 8, 2, 12}) cost.Observe(units, absl::Seconds(3 + 0.5 * units));
  EXPECT_NEAR(SecondsOf(cost, 1), 3.5, 1e-6);
  EXPECT_NEAR(SecondsOf(cost, 32), 19, 1e-6);
}

TEST(StepCostTest, ErrsOnTheShortSideWhereAllStepsWereAlike) {
  StepCost cost;
  for (int i = 0; i < 10; ++i) cost.Observe(8, absl::Seconds(4));
  EXPECT_DOUBLE_EQ(SecondsOf(cost, 2), 1);
  EXPECT_DOUBLE_EQ(SecondsOf(cost, 16), 4);
}

TEST(StepCostTest, IsConstantWhereMoreSeemedToCostLess) {
  StepCost cost;
  for (int i = 0; i < 10; ++i) cost.Observe(1 + i, absl::Seconds(20 - i));
  EXPECT_NEAR(SecondsOf(cost, 1), 15.5, 1e-6);
  EXPECT_NEAR(SecondsOf(cost, 100), 15.5, 1e-6);
}

TEST(StepCostTest, IsInProportionWhereNothingSeemedToCostLessThanNothing) {
  StepCost cost;
  for (int units : {1, 2, 3}) cost.Observe(units, absl::Seconds(units * units));
  EXPECT_NEAR(SecondsOf(cost, 6), 14, 1e-6);
}

TEST(StepCostTest, FollowsAChange) {
  StepCost cost;
  for (int i = 0; i < 100; ++i) cost.Observe(1 + i % 4, absl::Seconds(1 + i % 4));
  for (int i = 0; i < 200; ++i) cost.Observe(1 + i % 4, absl::Seconds(2 * (1 + i % 4)));
  EXPECT_NEAR(SecondsOf(cost, 2), 4, 0.1);
}

TEST(StepCostTest, OnePauseIsNotTheCostOfAStep) {
  StepCost cost;
  for (int i = 0; i < 50; ++i) cost.Observe(1, absl::Milliseconds(10));
  cost.Observe(1, absl::Milliseconds(500));
  EXPECT_LT(SecondsOf(cost, 1), 0.02);
}

TEST(StepCostTest, IsNotKeptHighByASlowBeginning) {
  StepCost cost;
  for (int i = 0; i < 50; ++i) cost.Observe(1, absl::Milliseconds(100));
  for (int i = 0; i < 10; ++i) cost.Observe(1, absl::Milliseconds(10));
  EXPECT_LT(SecondsOf(cost, 1), 0.025);
}

TEST(StepCostsTest, HalvesWhileNoSuchStepIsMeasuredAndIsBackWithTheNext) {
  StepCosts costs;
  absl::Time now = absl::FromUnixSeconds(1000);
  for (int i = 0; i < 3; ++i) costs.ObserveStep(StepKind::kPerceive, 1, absl::Seconds(8));
  costs.Fade(now);
  costs.Fade(now + absl::Seconds(9));
  EXPECT_EQ(costs.Of(StepKind::kPerceive, 1), absl::Seconds(8));
  costs.Fade(now + absl::Seconds(20));
  EXPECT_EQ(costs.Of(StepKind::kPerceive, 1), absl::Seconds(2));
  costs.ObserveStep(StepKind::kDecode, 1, absl::Seconds(1));
  costs.Fade(now + absl::Seconds(30));
  EXPECT_EQ(costs.Of(StepKind::kPerceive, 1), absl::Seconds(1));
  costs.ObserveStep(StepKind::kPerceive, 1, absl::Seconds(8));
  costs.Fade(now + absl::Seconds(39));
  EXPECT_EQ(costs.Of(StepKind::kPerceive, 1), absl::Seconds(8));
}

TEST(StepCostsTest, KnowsAnswersOnceOneHasEnded) {
  StepCosts costs;
  for (int i = 0; i < 3; ++i) {
    costs.ObserveStep(StepKind::kPrefill, 100, absl::Seconds(1));
    costs.ObserveStep(StepKind::kDecode, 1, absl::Seconds(1));
  }
  costs.ObservePrompt(50, 100);
  EXPECT_FALSE(costs.KnowsAnswers());
  costs.ObserveAnswer(32, 128);
  EXPECT_TRUE(costs.KnowsAnswers());
  EXPECT_FALSE(costs.Knows(StepKind::kPerceive));
  EXPECT_DOUBLE_EQ(costs.prompt_share(), 0.5);
  EXPECT_DOUBLE_EQ(costs.answer_share(), 0.25);
}

TEST(MovingMeanTest, FirstValuesCountAlikeThenTheNewestCountMost) {
  MovingMean mean;
  mean.Observe(1);
  mean.Observe(3);
  EXPECT_DOUBLE_EQ(mean.value(), 2);
  for (int i = 0; i < 200; ++i) mean.Observe(10);
  EXPECT_NEAR(mean.value(), 10, 0.01);
}

}  // namespace
}  // namespace mrmllm
