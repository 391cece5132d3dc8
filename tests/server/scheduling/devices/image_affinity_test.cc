// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/image_affinity.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ImageAffinityTest, KnowsWhereAnImageWasSeenLast) {
  ImageAffinity affinity(10);
  affinity.Remember("a", 0);
  affinity.Remember("b", 1);
  EXPECT_EQ(affinity.DeviceOf("a"), 0);
  EXPECT_EQ(affinity.DeviceOf("b"), 1);
  EXPECT_EQ(affinity.DeviceOf("c"), std::nullopt);
  affinity.Remember("a", 1);
  EXPECT_EQ(affinity.DeviceOf("a"), 1);
  EXPECT_EQ(affinity.size(), 2u);
}

TEST(ImageAffinityTest, ForgetsTheLeastRecentlyUsedFirst) {
  ImageAffinity affinity(2);
  affinity.Remember("a", 0);
  affinity.Remember("b", 0);
  EXPECT_EQ(affinity.DeviceOf("a"), 0);
  affinity.Remember("c", 0);
  EXPECT_EQ(affinity.DeviceOf("b"), std::nullopt);
  EXPECT_EQ(affinity.DeviceOf("a"), 0);
  affinity.Remember("a", 0);  // known, so nothing leaves for it
  EXPECT_EQ(affinity.DeviceOf("c"), 0);
}

TEST(ImageAffinityTest, NeverRemembersMoreThanItsCapacity) {
  ImageAffinity affinity(7);
  for (int i = 0; i < 100; ++i) {
    affinity.Remember(std::to_string(i % 30), i % 2);
    EXPECT_LE(affinity.size(), 7u);
  }
}

TEST(ImageAffinityTest, ADeviceThatIsGoneIsForgotten) {
  ImageAffinity affinity(10);
  affinity.Remember("a", 0);
  affinity.Remember("b", 1);
  affinity.Remember("c", 0);
  affinity.Forget(0);
  EXPECT_EQ(affinity.DeviceOf("a"), std::nullopt);
  EXPECT_EQ(affinity.DeviceOf("c"), std::nullopt);
  EXPECT_EQ(affinity.DeviceOf("b"), 1);
  EXPECT_EQ(affinity.size(), 1u);
}

}  // namespace
}  // namespace mrmllm
