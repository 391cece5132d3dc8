// SPDX-License-Identifier: Apache-2.0
// In bfloat16 the detector sees what it sees in float32.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "model/checkpoint/load.h"
#include "model/perception/detection_selection.h"
#include "model/vision/pixel_normalization.h"
#include "tests/model/vision/golden_vision.h"

namespace mrmllm {
namespace {

constexpr float kClear = 0.3f;  // the score from which on an object is told as sure
constexpr float kScoreTolerance = 0.05f;
constexpr float kLeastOverlap = 0.85f;

class DetectorBf16Test : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<Detection> Detect(at::ScalarType dtype) const {
    const c10::InferenceMode inference;
    const auto detector = *MakeDetector(config_);
    const absl::Status loaded = LoadParameters(
        *detector, "detector", ReadCommitted("model/bundles/coco-135m/detector.safetensors"), dtype,
        at::kCPU);
    EXPECT_TRUE(loaded.ok()) << loaded;
    detector->Prepare();
    const TensorMap golden = ReadCommitted("tests/golden/data/detector.safetensors");
    const std::string picture = GetParam();
    const auto features =
        detector->Neck(NormalizePixels(golden.at(picture + ".pixels").unsqueeze(0),
                                       config_.normalization, at::TensorOptions(dtype)));
    const float* geometry = golden.at(picture + ".geometry").data_ptr<float>();
    const int32_t* size = golden.at(picture + ".image_size").data_ptr<int32_t>();
    const DisplayedFrame frame{
        size[0], size[1], {geometry[0], geometry[1], geometry[2], geometry[3]}};
    return SelectDetections(detector->Candidates(features, config_.candidate_threshold),
                            {&frame, 1}, config_)[0];
  }

  // Every clear object of `expected` is among `found`, in its place and about as sure.
  static void ExpectToContain(const std::vector<Detection>& found,
                              const std::vector<Detection>& expected) {
    for (const Detection& wanted : expected) {
      if (wanted.score < kClear + kScoreTolerance) continue;
      EXPECT_TRUE(
          std::any_of(found.begin(), found.end(),
                      [&](const Detection& detection) {
                        return detection.class_id == wanted.class_id &&
                               std::abs(detection.score - wanted.score) <= kScoreTolerance &&
                               IntersectionOverUnion(detection.box, wanted.box) >= kLeastOverlap;
                      }))
          << wanted.label << " " << wanted.score;
    }
  }

  const DetectorConfig config_ = DefaultConfig().detector;
};

TEST_P(DetectorBf16Test, SeesTheSameClearObjectsInTheSamePlaces) {
  const std::vector<Detection> single = Detect(at::kFloat);
  const std::vector<Detection> half = Detect(at::kBFloat16);
  ASSERT_FALSE(single.empty());
  ExpectToContain(half, single);
  ExpectToContain(single, half);
}

INSTANTIATE_TEST_SUITE_P(Pictures, DetectorBf16Test, ::testing::Values("0", "1", "2"));

}  // namespace
}  // namespace mrmllm
