// SPDX-License-Identifier: Apache-2.0
#include "model/perception/detection_selection.h"

#include <gtest/gtest.h>

#include <limits>

namespace mrmllm {
namespace {

struct Place {
  std::vector<float> box;     // input pixels
  std::vector<float> scores;  // of person, dog, cat
};

DetectorConfig Config() {
  DetectorConfig config;
  config.nms_iou_threshold = 0.6f;
  config.coincident_iou_threshold = 0.85f;
  config.candidate_threshold = 0.05f;
  config.unsure_threshold = 0.2f;
  config.sure_threshold = 0.3f;
  config.labels = {"person", "dog", "cat"};
  return config;
}

DetectorOutput Output(const std::vector<Place>& places) {
  DetectorOutput output;
  std::vector<at::Tensor> scores, boxes;
  for (const Place& place : places) {
    scores.push_back(at::tensor(place.scores));
    boxes.push_back(at::tensor(place.box));
  }
  return {at::stack(scores).unsqueeze(0), at::stack(boxes).unsqueeze(0)};
}

// A 200 x 100 image letterboxed into 100 x 100.
const DisplayedFrame kFrame{200, 100, {0.5f, 0.5f, 0, 25}};

std::vector<Detection> Select(const std::vector<Place>& places) {
  return SelectDetections(Output(places), {&kFrame, 1}, Config())[0];
}

TEST(DetectionSelectionTest, BoxesAreFractionsOfTheDisplayedImage) {
  const auto detections = Select({{{10, 30, 60, 75}, {0, 0.7f, 0}}});
  ASSERT_EQ(detections.size(), 1u);
  EXPECT_EQ(detections[0].label, "dog");
  EXPECT_EQ(detections[0].class_id, 1);
  EXPECT_FLOAT_EQ(detections[0].score, 0.7f);
  EXPECT_NEAR(detections[0].box.x_min, 0.1f, 1e-6);
  EXPECT_NEAR(detections[0].box.y_min, 0.1f, 1e-6);
  EXPECT_NEAR(detections[0].box.x_max, 0.6f, 1e-6);
  EXPECT_NEAR(detections[0].box.y_max, 1.0f, 1e-6);
}

TEST(DetectionSelectionTest, BoxesAreCutOffAtTheImageNotAtThePadding) {
  const auto detections = Select({{{0, 0, 100, 100}, {0.5f, 0, 0}}});
  ASSERT_EQ(detections.size(), 1u);
  EXPECT_EQ(detections[0].box, (NormalizedBox{0, 0, 1, 1}));
}

TEST(DetectionSelectionTest, ABoxInsideThePaddingIsNoDetection) {
  EXPECT_TRUE(Select({{{10, 0, 60, 20}, {0.9f, 0, 0}}}).empty());
}

TEST(DetectionSelectionTest, BestScoreFirstAndSureFromItsThresholdOn) {
  const auto detections = Select({{{0, 30, 20, 50}, {0.29f, 0, 0}},
                                  {{30, 30, 50, 50}, {0.3f, 0, 0}},
                                  {{60, 30, 90, 50}, {0.04f, 0, 0}}});
  ASSERT_EQ(detections.size(), 2u);
  EXPECT_TRUE(detections[0].sure);
  EXPECT_FALSE(detections[1].sure);
}

TEST(DetectionSelectionTest, OneObjectUnderTwoClassesIsToldOnce) {
  const auto detections =
      Select({{{10, 30, 60, 70}, {0, 0.6f, 0.5f}}, {{10, 30, 59, 70}, {0, 0, 0.55f}}});
  ASSERT_EQ(detections.size(), 1u);
  EXPECT_EQ(detections[0].label, "dog");
}

TEST(DetectionSelectionTest, AnUnsureSecondClassOfOneObjectStays) {
  EXPECT_EQ(Select({{{10, 30, 60, 70}, {0, 0.6f, 0.29f}}}).size(), 2u);
}

TEST(DetectionSelectionTest, ObjectsOfTwoClassesThatOnlyOverlapBothStay) {
  EXPECT_EQ(Select({{{10, 30, 60, 70}, {0.6f, 0, 0}}, {{10, 40, 60, 70}, {0, 0.5f, 0}}}).size(),
            2u);
}

TEST(DetectionSelectionTest, EachImageOfABatchHasItsOwnFrame) {
  const DetectorOutput one = Output({{{50, 50, 75, 75}, {0.9f, 0, 0}}});
  const DetectorOutput two{at::cat({one.scores, one.scores}), at::cat({one.boxes, one.boxes})};
  const DisplayedFrame frames[] = {kFrame, {100, 100, {1, 1, 0, 0}}};
  const auto detections = SelectDetections(two, frames, Config());
  EXPECT_NEAR(detections[0][0].box.y_min, 0.5f, 1e-6);
  EXPECT_NEAR(detections[0][0].box.y_max, 1.0f, 1e-6);
  EXPECT_NEAR(detections[1][0].box.y_max, 0.75f, 1e-6);
}

TEST(DetectionSelectionTest, TheNumberOfDetectionsIsBounded) {
  std::vector<Place> places;
  for (int i = 0; i < 30; ++i) {
    for (int j = 0; j < 20; ++j) {
      const float x = i * 3.0f, y = 26 + j * 2.0f;
      places.push_back({{x, y, x + 3, y + 2}, {0.5f, 0.4f, 0.3f}});
    }
  }
  EXPECT_EQ(Select(places).size(), static_cast<size_t>(kMaxDetections));
}

TEST(DetectionSelectionTest, NumbersThatAreNoneAreNoDetections) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(Select({{{10, 30, 60, 70}, {none, none, none}}}).empty());
  EXPECT_TRUE(Select({{{none, none, none, none}, {0.9f, 0, 0}}}).empty());
}

}  // namespace
}  // namespace mrmllm
