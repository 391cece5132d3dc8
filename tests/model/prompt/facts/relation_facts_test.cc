// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/relation_facts.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

class RelationFactsTest : public testing::Test {
 protected:
  std::string Ask(std::string_view question) { return FactsOf(detections_, question); }
  std::vector<Detection> detections_ = {SureAt("dog", 0.2f, 0.5f), SureAt("cat", 0.6f, 0.5f),
                                        SureAt("chair", 0.1f, 0.2f)};
};

TEST_F(RelationFactsTest, AnswersYesOrNo) {
  EXPECT_EQ(Ask("Is the dog to the left of the cat?"), "Yes, the dog is to the left of the cat.");
  EXPECT_EQ(Ask("Is the dog right of the cat?"), "No, the dog is to the left of the cat.");
  EXPECT_EQ(Ask("Is the chair above the dog?"), "Yes, the chair is above the dog.");
  EXPECT_EQ(Ask("Is the chair below the dog?"), "No, the chair is above the dog.");
  EXPECT_EQ(Ask("Is the dog above the cat?"), "No, the dog is to the left of the cat.");
  EXPECT_EQ(Ask("Is the dog next to the cat?"), "No, the dog is not next to the cat.");
}

TEST_F(RelationFactsTest, TellsTheDirection) {
  EXPECT_EQ(Ask("Where is the dog relative to the cat?"), "The dog is to the left of the cat.");
  EXPECT_EQ(Ask("Is the chair to the left or to the right of the cat?"),
            "The chair is above and to the left of the cat.");
}

TEST_F(RelationFactsTest, TellsWhatIsThere) {
  EXPECT_EQ(Ask("What is to the left of the cat?"),
            "There is 1 chair and 1 dog to the left of the cat.");
  EXPECT_EQ(Ask("What is to the right of the cat?"),
            "There is no known object to the right of the cat.");
  EXPECT_EQ(Ask("Is there anything to the right of the cat?"),
            "No, there is no known object to the right of the cat.");
  EXPECT_EQ(Ask("How many dogs are to the left of the cat?"),
            "There is 1 dog to the left of the cat.");
  EXPECT_EQ(Ask("Is there a dog to the right of the cat?"),
            "No, there is no dog to the right of the cat.");
}

TEST_F(RelationFactsTest, SpeaksOfSeveral) {
  detections_.push_back(SureAt("dog", 0.9f, 0.5f));
  EXPECT_EQ(Ask("Are the dogs left of the cat?"),
            "Yes, 1 of the 2 dogs is to the left of the cat.");
  EXPECT_EQ(Ask("Are the dogs above the chair?"), "No, none of the 2 dogs is above the chair.");
  detections_.push_back(SureAt("cat", 0.05f, 0.5f, 0.02f));
  EXPECT_EQ(Ask("Is the chair left of the cat?"),
            "Yes, the chair is to the left of the largest cat.");
}

TEST_F(RelationFactsTest, SaysWhatIsMissing) {
  detections_[1].sure = false;
  EXPECT_EQ(Ask("Is the dog left of the cat?"), "There may be a cat in the image.");
  EXPECT_EQ(Ask("Is the bus left of the dog?"), "No, there is no bus in the image.");
  EXPECT_EQ(Ask("What is to the left of the bus?"), "There is no bus in the image.");
}

TEST_F(RelationFactsTest, KnowsGroups) {
  EXPECT_EQ(Ask("Is there an animal to the right of the chair?"),
            "Yes, there are 2 animals to the right of the chair.");
}

TEST(LiesToTest, IsCloseToLevelNeither) {
  const NormalizedBox a{0.4f, 0.4f, 0.6f, 0.6f};
  const NormalizedBox b{0.41f, 0.4f, 0.61f, 0.6f};
  EXPECT_FALSE(LiesTo(Direction::kLeftOf, a, b));
  EXPECT_FALSE(LiesTo(Direction::kRightOf, a, b));
  EXPECT_TRUE(LiesTo(Direction::kNextTo, a, b));
}

}  // namespace
}  // namespace mrmllm
