// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/presence_facts.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

const ClassMeaning kDog{"dog", {"dog"}, false};
const ClassMeaning kCat{"cat", {"cat"}, false};
const ClassMeaning kBus{"bus", {"bus"}, false};

class PresenceFactsTest : public testing::Test {
 protected:
  std::vector<Detection> detections_ = {Sure("dog"), Colored("dog", "brown"), Unsure("cat")};
  std::vector<ClassObjects> classes_ = GroupByClass(detections_);
  FactScene scene_{classes_};
};

TEST_F(PresenceFactsTest, TellsHowManyAreThere) {
  EXPECT_EQ(PresenceFact(kDog, scene_), "There are 2 dogs in the image.");
  EXPECT_EQ(PresenceFact(kDog, scene_, true), "Yes, there are 2 dogs in the image.");
  EXPECT_EQ(PresenceFact(kDog, scene_, true, "brown"), "Yes, there is 1 brown dog in the image.");
  EXPECT_EQ(PresenceFact(kCat, scene_), "There may be a cat in the image.");
  EXPECT_EQ(PresenceFact(kBus, scene_, true), "No, there is no bus in the image.");
}

TEST_F(PresenceFactsTest, SpeaksOfAbsenceOnlyWhereNothingIsSure) {
  EXPECT_EQ(AbsenceFact(kDog, scene_, true), "");
  EXPECT_EQ(AbsenceFact(kCat, scene_, true), "There may be a cat in the image.");
  EXPECT_EQ(AbsenceFact(kBus, scene_, true), "No, there is no bus in the image.");
  EXPECT_EQ(AbsenceFact(kBus, scene_, false), "There is no bus in the image.");
}

}  // namespace
}  // namespace mrmllm
