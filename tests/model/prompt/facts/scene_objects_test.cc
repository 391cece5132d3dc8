// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/scene_objects.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

TEST(SceneObjectsTest, FindsTheObjectsThatAreMeant) {
  const std::vector<Detection> detections = {Sure("dog"), Colored("dog", "brown"), Unsure("cat"),
                                             Sure("bus")};
  const std::vector<ClassObjects> classes = GroupByClass(detections);
  const FactScene scene{classes};
  const ClassMeaning animal{"animal", {"cat", "dog"}, true};
  EXPECT_EQ(SureObjects(animal, scene).size(), 2u);
  EXPECT_EQ(SureObjects(animal, scene, "brown").size(), 1u);
  EXPECT_EQ(SureObjects(scene).size(), 3u);
  EXPECT_EQ(CountedObjects(SureObjects(scene), scene), "2 dogs and 1 bus");
  EXPECT_FALSE(MayBeThere(animal, scene));
  EXPECT_TRUE(MayBeThere({"cat", {"cat"}, false}, scene));
}

TEST(SceneObjectsTest, SpeaksOfOneAndOfSeveral) {
  EXPECT_EQ(TheObjects(1, "dog"), "the dog");
  EXPECT_EQ(TheObjects(3, "bus"), "the 3 buses");
  EXPECT_EQ(IsOrAre(1), "is");
  EXPECT_EQ(WithVerdict(false, "The dog is small."), "No, the dog is small.");
  EXPECT_EQ(Capitalized("the dog"), "The dog");
}

}  // namespace
}  // namespace mrmllm
