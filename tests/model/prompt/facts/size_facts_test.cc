// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/size_facts.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/facts/fact_test.h"

namespace mrmllm {
namespace {

class SizeFactsTest : public testing::Test {
 protected:
  std::string Ask(std::string_view question) { return FactsOf(detections_, question); }
  std::vector<Detection> detections_ = {SureAt("dog", 0.2f, 0.5f, 0.3f),
                                        SureAt("cat", 0.6f, 0.5f, 0.1f)};
};

TEST_F(SizeFactsTest, ComparesTwo) {
  EXPECT_EQ(Ask("Which is bigger, the dog or the cat?"), "The dog is bigger than the cat.");
  EXPECT_EQ(Ask("Which one is smaller, the dog or the cat?"), "The cat is smaller than the dog.");
  EXPECT_EQ(Ask("Is the dog larger than the cat?"), "Yes, the dog is larger than the cat.");
  EXPECT_EQ(Ask("Is the dog smaller than the cat?"), "No, the dog is larger than the cat.");
  EXPECT_EQ(Ask("Is the dog or the cat bigger?"), "The dog is bigger than the cat.");
  detections_[1] = SureAt("cat", 0.6f, 0.5f, 0.3f);
  EXPECT_EQ(Ask("Is the dog larger than the cat?"), "The dog and the cat are about the same size.");
}

TEST_F(SizeFactsTest, FindsTheLargest) {
  EXPECT_EQ(Ask("What is the biggest object in the image?"),
            "The biggest object in the image is a dog.");
  EXPECT_EQ(Ask("What is the smallest animal?"), "The smallest animal in the image is a cat.");
  EXPECT_EQ(Ask("Is the cat the largest object?"), "No, the largest object in the image is a dog.");
  detections_.push_back(SureAt("dog", 0.9f, 0.5f));
  EXPECT_EQ(Ask("Which dog is the largest?"), "The largest dog is on the left of the image.");
}

TEST_F(SizeFactsTest, TellsTheShareOfTheImage) {
  EXPECT_EQ(Ask("How big is the dog?"), "The dog covers 9% of the image.");
}

TEST_F(SizeFactsTest, SaysWhatIsMissing) {
  EXPECT_EQ(Ask("Is the dog larger than the bus?"), "No, there is no bus in the image.");
  EXPECT_EQ(Ask("Which is larger, the dog or the bus?"), "There is no bus in the image.");
  detections_.clear();
  EXPECT_EQ(Ask("What is the largest object here?"), "There is no known object in the image.");
}

}  // namespace
}  // namespace mrmllm
