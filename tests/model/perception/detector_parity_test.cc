// SPDX-License-Identifier: Apache-2.0
// Against the published NanoDet-g graph; see tests/golden/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/checkpoint/load.h"
#include "model/perception/detection_selection.h"
#include "model/vision/pixel_normalization.h"
#include "tests/model/vision/golden_vision.h"

namespace mrmllm {
namespace {

constexpr float kTolerance = 1e-3f;
constexpr float kBoxTolerance = 0.05f;  // pixels of the original picture
constexpr int64_t kNeckStep = 53;

class DetectorParityTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    detector_ = *MakeDetector(config_);
    const absl::Status loaded = LoadParameters(
        *detector_, "detector", ReadCommitted("model/bundles/coco-135m/detector.safetensors"),
        at::kFloat, at::kCPU);
    ASSERT_TRUE(loaded.ok()) << loaded;
    detector_->Prepare();
    features_ = detector_->Neck(NormalizePixels(
        Golden("pixels").unsqueeze(0), config_.normalization, at::TensorOptions(at::kFloat)));
    output_ = detector_->Head(features_);
  }

  const at::Tensor& Golden(const std::string& name) const {
    return golden_.at(std::string(GetParam()) + "." + name);
  }

  DisplayedFrame Frame() const {
    const float* geometry = Golden("geometry").data_ptr<float>();
    const int32_t* size = Golden("image_size").data_ptr<int32_t>();
    return {size[0], size[1], {geometry[0], geometry[1], geometry[2], geometry[3]}};
  }

  const c10::InferenceMode inference_;
  const DetectorConfig config_ = DefaultConfig().detector;
  const TensorMap golden_ = ReadCommitted("tests/golden/data/detector.safetensors");
  std::shared_ptr<Detector> detector_;
  std::vector<at::Tensor> features_;
  DetectorOutput output_;
};

TEST_P(DetectorParityTest, NeckEqualsTheReference) {
  for (size_t i = 0; i < features_.size(); ++i) {
    const std::string name = "neck_" + std::to_string(config_.strides[i]);
    EXPECT_LE(MaxDifference(EveryNth(features_[i], kNeckStep), Golden(name)), kTolerance) << name;
  }
}

TEST_P(DetectorParityTest, ScoresAndBoxesEqualTheReference) {
  const at::Tensor places = Golden("places").to(at::kLong);
  EXPECT_LE(MaxDifference(output_.scores[0].index_select(0, places), Golden("scores")), kTolerance);
  EXPECT_LE(MaxDifference(output_.boxes[0].index_select(0, places), Golden("boxes")),
            kBoxTolerance);
}

TEST_P(DetectorParityTest, DetectionsEqualTheReference) {
  DetectorConfig config = config_;
  config.coincident_iou_threshold = 2;  // the reference suppresses within classes only
  const DisplayedFrame frame = Frame();
  const auto detections = SelectDetections(output_, {&frame, 1}, config)[0];
  const at::Tensor& expected = Golden("detections");
  const int64_t count = std::min<int64_t>(expected.size(0), kMaxDetections);
  ASSERT_EQ(static_cast<int64_t>(detections.size()), count);
  // Scores that differ by rounding may come in another order, so each is looked for among all; the
  // last few may have fallen on the other side of the bound.
  for (int64_t i = 0; i < std::min<int64_t>(count, kMaxDetections - 5); ++i) {
    const float* row = expected[i].data_ptr<float>();
    EXPECT_TRUE(std::any_of(detections.begin(), detections.end(),
                            [&](const Detection& found) {
                              const auto near = [](float got, float want, int side) {
                                const auto limit = static_cast<float>(side);
                                return std::abs(got * limit - std::clamp(want, 0.0f, limit)) <=
                                       kBoxTolerance;
                              };
                              return found.class_id == static_cast<int>(row[5]) &&
                                     std::abs(found.score - row[4]) <= kTolerance &&
                                     near(found.box.x_min, row[0], frame.width) &&
                                     near(found.box.y_min, row[1], frame.height) &&
                                     near(found.box.x_max, row[2], frame.width) &&
                                     near(found.box.y_max, row[3], frame.height);
                            }))
        << "detection " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Pictures, DetectorParityTest, ::testing::Values("0", "1", "2"));

}  // namespace
}  // namespace mrmllm
