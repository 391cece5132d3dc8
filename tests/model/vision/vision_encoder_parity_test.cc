// SPDX-License-Identifier: Apache-2.0
// Against the published EfficientNet-Lite0; see tests/golden/README.md.
#include <gtest/gtest.h>

#include <string>

#include "model/checkpoint/load.h"
#include "model/vision/pixel_normalization.h"
#include "model/vision/vision_encoder.h"
#include "tests/model/vision/golden_vision.h"

namespace mrmllm {
namespace {

constexpr float kTolerance = 1e-3f;
constexpr int64_t kFeatureStep = 11;

TEST(VisionEncoderParityTest, FeaturesAndLogitsEqualTheReference) {
  c10::InferenceMode inference;
  const VisionEncoderConfig config = DefaultConfig().vision_encoder;
  const TensorMap golden = ReadCommitted("tests/golden/data/vision_encoder.safetensors");
  const auto encoder = *MakeVisionEncoder(config);
  const absl::Status loaded = LoadParameters(
      *encoder, "vision_encoder",
      ReadCommitted("model/bundles/coco-135m/vision_encoder.safetensors"), at::kFloat, at::kCPU);
  ASSERT_TRUE(loaded.ok()) << loaded;
  encoder->Prepare();
  for (const std::string picture : {"0", "1", "2"}) {
    const at::Tensor values = NormalizePixels(golden.at(picture + ".pixels").unsqueeze(0),
                                              config.normalization, at::TensorOptions(at::kFloat));
    const at::Tensor map = encoder->FeatureMap(values);
    const at::Tensor& features = golden.at(picture + ".features");
    const at::Tensor compared =
        features.numel() == map.numel() ? map.contiguous() : EveryNth(map, kFeatureStep);
    EXPECT_LE(MaxDifference(compared, features), kTolerance) << picture;
    EXPECT_LE(MaxDifference(encoder->Classify(map), golden.at(picture + ".logits")), kTolerance)
        << picture;
  }
}

}  // namespace
}  // namespace mrmllm
