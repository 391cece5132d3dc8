// SPDX-License-Identifier: Apache-2.0
// The default bundle with another detector in it: a small random RT-DETR.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "model/mr_mllm.h"
#include "model/perception/detection_selection.h"
#include "model/vision/pixel_normalization.h"
#include "server/image_decoding/image_decoder.h"
#include "tests/model/perception/rt_detr/golden_rt_detr.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

class RtDetrBundleTest : public testing::Test {
 protected:
  RtDetrBundleTest() {
    TensorMap& tensors = bundle_.tensors;
    std::erase_if(tensors, [](const auto& item) { return item.first.starts_with("detector."); });
    tensors.merge(golden_.Weights());
    bundle_.config.detector = golden_.Config();
    // The pyramid has other channels than the default one's: what reads it is made up anew.
    torch::manual_seed(5);
    const Fusion fusion(bundle_.config);
    for (const auto& item : fusion->named_parameters()) {
      at::Tensor& tensor = tensors.at("fusion." + item.key());
      if (tensor.sizes() != item.value().sizes()) tensor = 0.1 * at::randn(item.value().sizes());
    }
  }

  std::unique_ptr<MrMllm> Load() const {
    auto model = MrMllm::Load(bundle_, {.vision_dtype = "float32"});
    EXPECT_THAT(model, IsOk());
    return model.ok() ? *std::move(model) : nullptr;
  }

  std::shared_ptr<const ImageInput> Photo() const {
    const DetectorConfig& detector = bundle_.config.detector;
    const VisionEncoderConfig& encoder = bundle_.config.vision_encoder;
    std::ifstream file(MRMLLM_SOURCE_DIR "/docs/photos/living_room.jpg", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    return ImageDecoder({.max_bytes = 1 << 24, .max_pixels = 50'000'000, .max_side = 16'384},
                        {detector.input_size, detector.resize},
                        {encoder.input_size, encoder.resize}, 1280)
        .DecodeEncoded(bytes)
        .value();
  }

  // What the detector says without anything around it.
  std::vector<Detection> DetectorsOwn(const ImageInput& photo) const {
    const c10::InferenceMode inference;
    const DetectorConfig& config = bundle_.config.detector;
    const auto detector = golden_.Load(config);
    const auto features = detector->Neck(NormalizeImages(
        {&photo.detector_pixels}, config.normalization, at::TensorOptions(at::kFloat)));
    const DisplayedFrame frame{photo.width, photo.height, photo.detector_geometry};
    return SelectDetections(detector->Candidates(features, config.candidate_threshold), {frame},
                            config)[0];
  }

  const GoldenRtDetr golden_{"rt_detr_v1.safetensors"};
  Bundle bundle_ = Bundle::Load(std::getenv("MRMLLM_BUNDLE"), {.verify_checksums = false}).value();
};

TEST_F(RtDetrBundleTest, PerceivesWhatTheDetectorSees) {
  const std::unique_ptr<MrMllm> model = Load();
  ASSERT_NE(model, nullptr);
  const auto photo = Photo();
  const std::vector<Detection> expected = DetectorsOwn(*photo);
  const PerceivedImage seen = std::move(model->Perceive({{photo.get(), true}})[0]);
  ASSERT_FALSE(expected.empty());
  ASSERT_EQ(seen.detections.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(seen.detections[i].label, expected[i].label);
    EXPECT_NEAR(seen.detections[i].score, expected[i].score, 1e-5);
    EXPECT_NEAR(seen.detections[i].box.x_min, expected[i].box.x_min, 1e-5);
  }
  const std::vector<NormalizedBox> regions = {{0, 0.4f, 0.6f, 1}};
  const auto again = model->LookAgain({{photo.get(), &seen, true, regions}});
  ASSERT_EQ(again.size(), 1u);
  EXPECT_FALSE(again[0].seen.detections.empty());
}

TEST_F(RtDetrBundleTest, FusionStandsInFrontOfTheDecoder) {
  at::Tensor& gate = bundle_.tensors.at("fusion.perception_reinforcement.gate");
  gate = at::full_like(gate, 2);
  const std::unique_ptr<MrMllm> model = Load();
  ASSERT_NE(model, nullptr);
  const auto photo = Photo();
  const PerceivedImage open = std::move(model->Perceive({{photo.get(), true}})[0]);
  const PerceivedImage off = std::move(model->Perceive({{photo.get(), false}})[0]);
  ASSERT_FALSE(open.detections.empty());
  EXPECT_NE(open.detections[0].score, off.detections[0].score);
  EXPECT_NEAR(off.detections[0].score, DetectorsOwn(*photo)[0].score, 1e-5);
}

TEST_F(RtDetrBundleTest, AMissingStatisticIsRefusedByName) {
  bundle_.tensors.erase("detector.model.encoder.fpn_blocks.0.conv1.norm.running_mean");
  EXPECT_THAT(MrMllm::Load(bundle_, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("missing tensor 'detector.model.encoder.fpn_blocks.0."
                                          "conv1.norm.running_mean'")));
}

}  // namespace
}  // namespace mrmllm
