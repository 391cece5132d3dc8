// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/scene_summary.h"

#include "gtest/gtest.h"
#include "tests/model/prompt/detections.h"

namespace mrmllm {
namespace {

TEST(SceneSummaryTest, PutsTheMostNumerousClassFirst) {
  const std::vector<Detection> detections = {Sure("dog"), Sure("person"), Unsure("cat"),
                                             Sure("person")};
  const std::vector<ClassObjects> classes = GroupByClass(detections);
  EXPECT_EQ(DescribeCounts(classes, 10), "2 people and 1 dog");
  EXPECT_EQ(DescribeCounts(classes, 1), "2 people");
  EXPECT_EQ(DescribeUnsure(classes), "cat");
}

TEST(SceneSummaryTest, AClassWithASureObjectIsNotUnsure) {
  const std::vector<Detection> detections = {Sure("dog"), Unsure("dog")};
  EXPECT_EQ(DescribeUnsure(GroupByClass(detections)), "");
}

TEST(SceneSummaryTest, NamesThePlaceOnAGrid) {
  EXPECT_EQ(PlaceOf({0.0f, 0.0f, 0.2f, 0.2f}), "top left");
  EXPECT_EQ(PlaceOf({0.4f, 0.4f, 0.6f, 0.6f}), "center");
  EXPECT_EQ(PlaceOf({0.8f, 0.4f, 1.0f, 0.6f}), "right");
  EXPECT_EQ(PlaceOf({0.4f, 0.8f, 0.6f, 1.0f}), "bottom");
}

TEST(SceneSummaryTest, DescribesBoxesBestFirst) {
  Detection left = Sure("person", 0.9f);
  left.box = {0.0f, 0.0f, 0.24f, 0.24f};
  const std::vector<Detection> detections = {Sure("person", 0.5f), left};
  EXPECT_EQ(DescribeBoxes(GroupByClass(detections), 4, 10),
            "person x2: top left 12,12 6%; center 50,50 4%\n");
}

TEST(SceneSummaryTest, AddsTheFinerName) {
  Detection dog = Sure("dog");
  dog.finer_label = "golden retriever";
  dog.finer_score = 0.826f;
  EXPECT_EQ(DescribeBoxes(GroupByClass({dog}), 4, 10),
            "dog x1 (golden retriever 0.83): center 50,50 4%\n");
}

TEST(SceneSummaryTest, KeepsToBothBoxLimits) {
  const std::vector<Detection> detections = {Sure("cat"), Sure("cat"), Sure("cat"), Sure("dog"),
                                             Sure("egg")};
  EXPECT_EQ(DescribeBoxes(GroupByClass(detections), 2, 3),
            "cat x3: center 50,50 4%; center 50,50 4%\ndog x1: center 50,50 4%\n");
  EXPECT_EQ(DescribeBoxes(GroupByClass(detections), 2, 0), "");
}

}  // namespace
}  // namespace mrmllm
