// SPDX-License-Identifier: Apache-2.0
// Against Hugging Face transformers; see tests/golden/README.md.
#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "model/perception/rt_detr/decoder/decoder.h"
#include "model/perception/rt_detr/resnet_vd.h"
#include "model/perception/rt_detr/rt_detr.h"
#include "tests/model/perception/rt_detr/golden_rt_detr.h"

namespace mrmllm {
namespace {

constexpr double kTolerance = 1e-4;

class RtDetrGoldenTest : public testing::TestWithParam<const char*> {
 protected:
  std::vector<at::Tensor> Features() const { return detector_->Neck(golden_.Pixels()); }

  const c10::InferenceMode inference_;
  const GoldenRtDetr golden_{std::string(GetParam()) + ".safetensors"};
  const DetectorConfig config_ = golden_.Config();
  const std::shared_ptr<RtDetr> detector_ = golden_.Load(config_);
};

// Centre and size in fractions -> corners in input pixels, inside the input.
at::Tensor Corners(const at::Tensor& boxes, int input_size) {
  const at::Tensor centre = boxes.narrow(-1, 0, 2);
  const at::Tensor half = boxes.narrow(-1, 2, 2) / 2;
  return (at::cat({centre - half, centre + half}, -1) * input_size).clamp(0, input_size);
}

TEST_P(RtDetrGoldenTest, EveryStepEqualsTheReference) {
  const std::vector<at::Tensor> backbone = detector_->BackboneMaps(golden_.Pixels());
  const std::vector<at::Tensor> features = Features();
  ASSERT_EQ(features.size(), 3u);
  for (size_t i = 0; i < features.size(); ++i) {
    const std::string level = std::to_string(i);
    EXPECT_LT(Distance(backbone[i].narrow(0, 0, 1), golden_["backbone." + level]), kTolerance)
        << level;
    EXPECT_LT(Distance(features[i], golden_["encoder." + level]), kTolerance) << level;
  }
  const SelectedQueries selected = detector_->Select(detector_->Rows(features));
  EXPECT_TRUE(selected.places.equal(golden_["places"].to(at::kLong)));
}

TEST_P(RtDetrGoldenTest, ScoresAndBoxesEqualTheReference) {
  const DetectorOutput output = detector_->Head(Features());
  EXPECT_LT(Distance(output.scores, golden_["logits"].sigmoid()), kTolerance);
  EXPECT_LT(Distance(output.boxes, Corners(golden_["boxes"], config_.input_size)),
            kTolerance * config_.input_size);
}

TEST_P(RtDetrGoldenTest, CandidatesAreTheReferencesDetections) {
  std::vector<ScoredBox> candidates = detector_->Candidates(Features(), 0.3f)[0];
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const ScoredBox& a, const ScoredBox& b) { return a.score > b.score; });
  const at::Tensor expected = golden_["detections"];
  ASSERT_EQ(static_cast<int64_t>(candidates.size()), expected.size(0));
  for (size_t i = 0; i < candidates.size(); ++i) {
    const ScoredBox& got = candidates[i];
    const at::Tensor row = expected[static_cast<int64_t>(i)].clone();
    const float* want = row.const_data_ptr<float>();
    EXPECT_EQ(got.class_id, static_cast<int>(want[5])) << i;
    EXPECT_NEAR(got.score, want[4], kTolerance) << i;
    const auto inside = [&](float x) {
      return std::clamp(x, 0.0f, static_cast<float>(config_.input_size));
    };
    EXPECT_NEAR(got.box.x_min, inside(want[0]), 0.02) << i;
    EXPECT_NEAR(got.box.y_min, inside(want[1]), 0.02) << i;
    EXPECT_NEAR(got.box.x_max, inside(want[2]), 0.02) << i;
    EXPECT_NEAR(got.box.y_max, inside(want[3]), 0.02) << i;
  }
}

TEST_P(RtDetrGoldenTest, ABatchSaysWhatItsImagesSayAlone) {
  const std::vector<at::Tensor> both = Features();
  const auto together = detector_->Candidates(both, 0.3f);
  for (int64_t image = 0; image < 2; ++image) {
    const std::vector<at::Tensor> alone = detector_->Neck(golden_.Pixels().narrow(0, image, 1));
    for (size_t level = 0; level < alone.size(); ++level) {
      EXPECT_LT(Distance(both[level].narrow(0, image, 1), alone[level]), 1e-5);
    }
    const std::vector<ScoredBox> single = detector_->Candidates(alone, 0.3f)[0];
    ASSERT_EQ(single.size(), together[image].size());
    for (size_t i = 0; i < single.size(); ++i) {
      EXPECT_EQ(single[i].class_id, together[image][i].class_id);
      EXPECT_NEAR(single[i].score, together[image][i].score, 1e-5);
      EXPECT_NEAR(single[i].box.x_min, together[image][i].box.x_min, 1e-3);
    }
  }
}

TEST_P(RtDetrGoldenTest, CandidatesAreWhatTheHeadSays) {
  const std::vector<at::Tensor> features = detector_->Neck(golden_.Pixels().narrow(0, 0, 1));
  const DetectorOutput output = detector_->Head(features);
  constexpr float kThreshold = 0.8f;  // few enough that none is one too many
  const std::vector<ScoredBox> candidates = detector_->Candidates(features, kThreshold)[0];
  const at::Tensor found = output.scores[0].ge(kThreshold).nonzero();
  ASSERT_EQ(static_cast<int64_t>(candidates.size()), found.size(0));
  ASSERT_FALSE(candidates.empty());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto query = found[static_cast<int64_t>(i)][0].item<int64_t>();
    EXPECT_EQ(candidates[i].class_id, found[static_cast<int64_t>(i)][1].item<int>());
    EXPECT_NEAR(candidates[i].box.y_max, output.boxes[0][query][3].item<float>(), 1e-4);
  }
}

TEST_P(RtDetrGoldenTest, Bfloat16StaysNear) {
  const auto rough = golden_.Load(config_, at::kBFloat16);
  const std::vector<at::Tensor> features = rough->Neck(golden_.Pixels().to(at::kBFloat16));
  for (size_t i = 0; i < features.size(); ++i) {
    const at::Tensor& exact = golden_["encoder." + std::to_string(i)];
    const at::Tensor error = features[i].to(at::kFloat) - exact;
    EXPECT_LT(error.norm().item<double>(), 0.05 * exact.norm().item<double>()) << i;
  }
  const DetectorOutput output = rough->Head(features);
  EXPECT_EQ(output.boxes.scalar_type(), at::kFloat);
  EXPECT_TRUE(output.boxes.isfinite().all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Versions, RtDetrGoldenTest, testing::Values("rt_detr_v1", "rt_detr_v2"));

TEST(RtDetrTest, TheNearestPlacesAreTheReferencesToo) {
  const c10::InferenceMode inference;
  const GoldenRtDetr golden("rt_detr_v2.safetensors");
  const DetectorConfig config = golden.Config("discrete");
  const auto detector = golden.Load(config);
  const DetectorOutput output = detector->Head(detector->Neck(golden.Pixels()));
  EXPECT_LT(Distance(output.scores, golden["discrete.logits"].sigmoid()), kTolerance);
  EXPECT_LT(Distance(output.boxes, Corners(golden["discrete.boxes"], config.input_size)),
            kTolerance * config.input_size);
}

// Fusion is trained through the head.
TEST(RtDetrTest, GradientsReachTheFeatures) {
  const GoldenRtDetr golden("rt_detr_v1.safetensors");
  const auto detector = golden.Load(golden.Config());
  std::vector<at::Tensor> features = detector->Neck(golden.Pixels());
  for (at::Tensor& map : features) map = map.detach().requires_grad_();
  const DetectorOutput output = detector->Head(features);
  (output.scores.sum() + output.boxes.sum()).backward();
  for (const at::Tensor& map : features) EXPECT_GT(map.grad().abs().sum().item<float>(), 0);
}

TEST(RtDetrTest, TheFactoryMakesIt) {
  const GoldenRtDetr golden("rt_detr_v1.safetensors");
  DetectorConfig config = golden.Config();
  EXPECT_TRUE(MakeDetector(config).ok());
  config.rt_detr = nullptr;
  EXPECT_THAT(std::string(MakeDetector(config).status().message()),
              testing::HasSubstr("detector.rt_detr: expected an object"));
}

TEST(RtDetrTest, EveryTensorIsNeededAndNoOther) {
  const GoldenRtDetr golden("rt_detr_v1.safetensors");
  const auto detector = std::make_shared<RtDetr>(golden.Config());
  for (const char* name :
       {"detector.model.enc_score_head.bias", "detector.model.decoder.layers.1.fc2.weight"}) {
    TensorMap weights = golden.Weights();
    weights.erase(name);
    ASSERT_TRUE(FoldBatchNorms(*detector, "detector", weights).ok());
    EXPECT_THAT(
        std::string(LoadParameters(*detector, "detector", weights, at::kFloat, at::kCPU).message()),
        testing::HasSubstr(std::string("missing tensors, the first: ") + name));
  }
  TensorMap weights = golden.Weights();
  weights["detector.model.denoising_class_embed.weight"] = at::zeros({6, 32});
  ASSERT_TRUE(FoldBatchNorms(*detector, "detector", weights).ok());
  EXPECT_THAT(
      std::string(LoadParameters(*detector, "detector", weights, at::kFloat, at::kCPU).message()),
      testing::HasSubstr("unexpected tensors, the first: detector.model.denoising"));
}

}  // namespace
}  // namespace mrmllm
