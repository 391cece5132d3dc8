// SPDX-License-Identifier: Apache-2.0
#include "model/perception/nanodet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/model/vision/random_parameters.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

DetectorConfig Config() {
  DetectorConfig config;
  config.family = "nanodet";
  config.input_size = 64;
  config.strides = {8, 16, 32};
  config.distribution_bins = 5;
  config.neck_channels = 16;
  config.labels = {"person", "dog", "cat"};
  return config;
}

std::shared_ptr<Detector> RandomDetector() {
  auto detector = *MakeDetector(Config());
  FillWithRandomParameters(*detector);
  return detector;
}

TEST(NanoDetTest, HasThePyramidAndThePlacesItPromises) {
  c10::InferenceMode inference;
  const auto detector = RandomDetector();
  const auto features = detector->Neck(at::randn({2, 3, 64, 96}));
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[0].sizes(), (at::IntArrayRef{2, 16, 8, 12}));
  EXPECT_EQ(features[2].sizes(), (at::IntArrayRef{2, 16, 2, 3}));
  const DetectorOutput output = detector->Head(features);
  EXPECT_EQ(output.scores.sizes(), (at::IntArrayRef{2, 96 + 24 + 6, 3}));
  EXPECT_EQ(output.boxes.sizes(), (at::IntArrayRef{2, 126, 4}));
}

TEST(NanoDetTest, ScoresAreProbabilitiesAndBoxesLieInTheInput) {
  c10::InferenceMode inference;
  const auto detector = RandomDetector();
  const DetectorOutput output = detector->Head(detector->Neck(at::randn({1, 3, 64, 64})));
  EXPECT_GE(output.scores.min().item<float>(), 0);
  EXPECT_LE(output.scores.max().item<float>(), 1);
  EXPECT_GE(output.boxes.min().item<float>(), 0);
  EXPECT_LE(output.boxes.max().item<float>(), 64);
  const at::Tensor sides = output.boxes.narrow(-1, 2, 2) - output.boxes.narrow(-1, 0, 2);
  EXPECT_GE(sides.min().item<float>(), 0);
}

TEST(NanoDetTest, CandidatesAreTheHeadsPlacesAboveTheThreshold) {
  c10::InferenceMode inference;
  const auto detector = RandomDetector();
  const auto features = detector->Neck(at::randn({2, 3, 64, 64}));
  const DetectorOutput output = detector->Head(features);
  const float threshold = output.scores.median().item<float>();
  const auto candidates = detector->Candidates(features, threshold);
  ASSERT_EQ(candidates.size(), 2u);
  for (int64_t image = 0; image < 2; ++image) {
    const at::Tensor found = (output.scores[image] >= threshold).nonzero();  // [n, 2]
    ASSERT_NEAR(static_cast<double>(candidates[image].size()), static_cast<double>(found.size(0)),
                2);  // of scores at the threshold rounding decides
    for (const ScoredBox& candidate : candidates[image]) {
      const at::Tensor boxes = output.boxes[image];
      const at::Tensor box = at::tensor(
          {candidate.box.x_min, candidate.box.y_min, candidate.box.x_max, candidate.box.y_max});
      const at::Tensor same = (boxes - box).abs().amax(1) < 1e-2;
      const at::Tensor score = output.scores[image].select(1, candidate.class_id);
      EXPECT_TRUE((same & ((score - candidate.score).abs() < 1e-5)).any().item<bool>());
    }
  }
}

TEST(NanoDetTest, ABatchEqualsItsSingles) {
  c10::InferenceMode inference;
  const auto detector = RandomDetector();
  detector->Prepare();
  const at::Tensor pixels = at::randn({3, 3, 64, 64});
  const DetectorOutput batched = detector->Head(detector->Neck(pixels));
  for (int64_t i = 0; i < 3; ++i) {
    const DetectorOutput single = detector->Head(detector->Neck(pixels.narrow(0, i, 1)));
    EXPECT_TRUE(at::allclose(batched.scores.narrow(0, i, 1), single.scores, 1e-3, 1e-4)) << i;
    EXPECT_TRUE(at::allclose(batched.boxes.narrow(0, i, 1), single.boxes, 1e-3, 1e-2)) << i;
  }
}

TEST(NanoDetTest, PreparationChangesNoResult) {
  torch::NoGradGuard no_grad;
  const auto detector = RandomDetector();
  const at::Tensor pixels = at::randn({2, 3, 64, 64});
  const at::Tensor before = detector->Head(detector->Neck(pixels)).scores;
  detector->Prepare();
  EXPECT_TRUE(at::allclose(detector->Head(detector->Neck(pixels)).scores, before, 1e-3, 1e-4));
}

TEST(NanoDetTest, GradientsReachTheFeaturesThroughTheHead) {
  const auto detector = RandomDetector();
  detector->Prepare();
  std::vector<at::Tensor> features = detector->Neck(at::randn({1, 3, 64, 64}));
  for (at::Tensor& map : features) map = map.detach().requires_grad_();
  const DetectorOutput output = detector->Head(features);
  (output.scores.sum() + output.boxes.sum()).backward();
  for (const at::Tensor& map : features) EXPECT_GT(map.grad().abs().sum().item<float>(), 0);
}

TEST(NanoDetTest, RefusesWhatItCannotBe) {
  DetectorConfig config = Config();
  config.family = "yolo";
  EXPECT_THAT(std::string(MakeDetector(config).status().message()),
              HasSubstr("detector.family: expected 'nanodet' or 'rt_detr', got 'yolo'"));
  config = Config();
  config.strides = {8, 16};
  EXPECT_THAT(std::string(MakeDetector(config).status().message()),
              HasSubstr("detector.strides: expected 8, 16, 32, got 8, 16"));
  config = Config();
  config.input_size = 100;
  EXPECT_THAT(std::string(MakeDetector(config).status().message()),
              HasSubstr("expected a multiple of 32, got 100"));
}

}  // namespace
}  // namespace mrmllm
