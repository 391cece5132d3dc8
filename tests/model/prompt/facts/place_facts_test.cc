// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/place_facts.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

const std::vector<Detection>& Scene() {
  static const auto& scene = *new std::vector<Detection>{
      SureAt("dog", 0.1f, 0.5f), SureAt("dog", 0.5f, 0.5f), SureAt("chair", 0.1f, 0.1f),
      Unsure("cat"), SureAt("car", 0.9f, 0.9f)};
  return scene;
}

TEST(PlaceFactsTest, TellsThePlaceOfWhatIsSure) {
  EXPECT_EQ(FactsOf(Scene(), "Where is the chair?"), "The chair is in the top left of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Is the car on the left or on the right of the image?"),
            "The car is in the bottom right of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Where are the dogs?"),
            "There are 2 dogs in the image: on the left and in the center.");
  EXPECT_EQ(FactsOf(Scene(), "Where is the cat?"), "There may be a cat in the image.");
}

TEST(PlaceFactsTest, TellsWhatIsInARegion) {
  EXPECT_EQ(FactsOf(Scene(), "What is on the left?"),
            "There is 1 dog and 1 chair on the left of the image.");
  EXPECT_EQ(FactsOf(Scene(), "What is in the top right corner?"),
            "There is no known object in the top right of the image.");
  EXPECT_EQ(FactsOf(Scene(), "How many dogs are on the left?"),
            "There is 1 dog on the left of the image.");
}

TEST(PlaceFactsTest, AnswersYesOrNoOfARegion) {
  EXPECT_EQ(FactsOf(Scene(), "Is the chair on the left?"),
            "Yes, the chair is on the left of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Is the chair on the right side?"),
            "No, the chair is in the top left of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Are the dogs on the left?"),
            "Yes, 1 of the 2 dogs is on the left of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Is there a dog in the middle?"),
            "Yes, there is 1 dog in the center of the image.");
  EXPECT_EQ(FactsOf(Scene(), "Is the bus on the left?"), "No, there is no bus in the image.");
}

}  // namespace
}  // namespace mrmllm
