// SPDX-License-Identifier: Apache-2.0
#include "model/vision/efficientnet_lite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/model/vision/random_parameters.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

VisionEncoderConfig Config() {
  VisionEncoderConfig config;
  config.family = "efficientnet_lite";
  config.variant = "lite0";
  config.input_size = 64;
  config.feature_channels = 1280;
  config.labels = {"husky", "malamute", "tabby"};
  return config;
}

std::shared_ptr<VisionEncoder> RandomEncoder() {
  auto encoder = *MakeVisionEncoder(Config());
  FillWithRandomParameters(*encoder);
  return encoder;
}

TEST(EfficientNetLiteTest, MapsAreAThirtySecondOfTheInput) {
  c10::InferenceMode inference;
  const auto encoder = RandomEncoder();
  for (const int64_t size : {64, 96, 100}) {
    const at::Tensor map = encoder->FeatureMap(at::zeros({1, 3, size, size}));
    EXPECT_EQ(map.sizes(), (at::IntArrayRef{1, 1280, (size + 31) / 32, (size + 31) / 32}));
    EXPECT_EQ(encoder->Classify(map).sizes(), (at::IntArrayRef{1, 3}));
  }
}

TEST(EfficientNetLiteTest, ABatchEqualsItsSingles) {
  c10::InferenceMode inference;
  const auto encoder = RandomEncoder();
  const at::Tensor pixels = at::randn({3, 3, 64, 64});
  const at::Tensor batched = encoder->Classify(encoder->FeatureMap(pixels));
  for (int64_t i = 0; i < 3; ++i) {
    const at::Tensor single = encoder->Classify(encoder->FeatureMap(pixels.narrow(0, i, 1)));
    EXPECT_TRUE(at::allclose(batched.narrow(0, i, 1), single, 1e-4, 1e-4)) << i;
  }
}

TEST(EfficientNetLiteTest, PreparationChangesNoResult) {
  torch::NoGradGuard no_grad;
  const auto encoder = RandomEncoder();
  const at::Tensor pixels = at::randn({2, 3, 64, 64});
  const at::Tensor before = encoder->FeatureMap(pixels);
  encoder->Prepare();
  EXPECT_TRUE(at::allclose(encoder->FeatureMap(pixels), before, 1e-4, 1e-4));
}

TEST(EfficientNetLiteTest, GradientsReachThePixels) {
  const auto encoder = RandomEncoder();
  encoder->Prepare();
  const at::Tensor pixels = at::randn({1, 3, 64, 64}).requires_grad_();
  encoder->Classify(encoder->FeatureMap(pixels)).sum().backward();
  EXPECT_GT(pixels.grad().abs().sum().item<float>(), 0);
}

TEST(EfficientNetLiteTest, RefusesWhatItCannotBe) {
  VisionEncoderConfig config = Config();
  config.variant = "lite4";
  EXPECT_THAT(std::string(MakeVisionEncoder(config).status().message()),
              HasSubstr("vision_encoder.variant: expected 'lite0', got 'lite4'"));
  config = Config();
  config.family = "clip";
  EXPECT_THAT(std::string(MakeVisionEncoder(config).status().message()), HasSubstr("got 'clip'"));
  config = Config();
  config.feature_channels = 512;
  EXPECT_THAT(std::string(MakeVisionEncoder(config).status().message()),
              HasSubstr("expected 1280, got 512"));
}

}  // namespace
}  // namespace mrmllm
