// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/attribute_facts.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

TEST(ColorFactsTest, TellsTheColor) {
  EXPECT_EQ(FactsOf({Colored("car", "red")}, "What color is the car?"), "The car is red.");
  EXPECT_EQ(FactsOf({Sure("car")}, "What color is the car?"),
            "The color of the car cannot be told.");
  EXPECT_EQ(FactsOf({}, "What color is the car?"), "There is no car in the image.");
  EXPECT_EQ(FactsOf({Unsure("car")}, "What color is the car?"), "There may be a car in the image.");
}

TEST(ColorFactsTest, SpeaksOfSeveral) {
  const std::vector<Detection> cars = {Colored("car", "blue"), Colored("car", "red"),
                                       Colored("car", "red")};
  EXPECT_EQ(FactsOf(cars, "What colors are the cars?"), "Of the 3 cars, 2 are red and 1 is blue.");
  EXPECT_EQ(FactsOf(cars, "Are the cars blue?"), "Yes, 1 of the 3 cars is blue.");
  EXPECT_EQ(FactsOf(cars, "How many red cars are there?"), "There are 2 red cars in the image.");
}

TEST(ColorFactsTest, AnswersYesOrNo) {
  EXPECT_EQ(FactsOf({Colored("car", "red")}, "Is the car red?"), "Yes, the car is red.");
  EXPECT_EQ(FactsOf({Colored("car", "red")}, "Is the car blue?"), "No, the car is red.");
  EXPECT_EQ(FactsOf({Colored("car", "red")}, "Is there a red car?"),
            "Yes, there is 1 red car in the image.");
  EXPECT_EQ(FactsOf({Colored("car", "red")}, "Is there a blue car?"),
            "No, there is no blue car in the image.");
  EXPECT_EQ(FactsOf({Sure("car")}, "Is there a blue car?"), "The color of the car cannot be told.");
}

TEST(ColorFactsTest, DoesNotSpeakOfThePersonsColor) {
  EXPECT_EQ(FactsOf({Colored("person", "red")}, "What color is the man's shirt?"),
            "The colors of a person's clothes cannot be told.");
}

TEST(FinerNameFactsTest, TellsTheFinerNameWhereThereIsOne) {
  Detection dog = Sure("dog");
  dog.finer_label = "Afghan hound";
  EXPECT_EQ(FactsOf({dog, Sure("dog")}, "What breed is the dog?"), "The dog is an Afghan hound.");
  EXPECT_EQ(FactsOf({Sure("chair")}, "What kind of chair is it?"),
            "There is 1 chair in the image.");
}

}  // namespace
}  // namespace mrmllm
