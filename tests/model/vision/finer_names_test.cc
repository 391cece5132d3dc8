// SPDX-License-Identifier: Apache-2.0
#include "model/vision/finer_names.h"

#include <gtest/gtest.h>

#include <utility>

namespace mrmllm {
namespace {

// Believes in the class that the crop's mean red, green or blue stands for.
class ColorEncoder : public VisionEncoder {
 public:
  void Prepare() override {}
  at::Tensor FeatureMap(const at::Tensor& pixel_values) const override {
    ++runs;
    crops += static_cast<int>(pixel_values.size(0));
    return pixel_values;
  }
  at::Tensor Classify(const at::Tensor& feature_map) const override {
    const at::Tensor color = feature_map.mean({2, 3});                      // [B, 3]
    return at::cat({color, at::full({color.size(0), 1}, fourth)}, 1) * 10;  // [B, 4]
  }

  ColorEncoder() { register_parameter("scale", at::ones({1})); }

  float fourth = 0;
  mutable int runs = 0;
  mutable int crops = 0;
};

class FinerNamesTest : public ::testing::Test {
 protected:
  FinerNamesTest() {
    config_.input_size = 8;
    config_.normalization = {"RGB", {0, 0, 0}, {255, 255, 255}};
    config_.labels = {"red dog", "green dog", "blue cat", "toaster"};
    config_.finer_names = {{"dog", {0, 1}}, {"cat", {2}}};
    config_.finer_name_threshold = 0.5f;
    SetPicture(100, 100);
  }

  // Red on the left half, green on the right.
  void SetPicture(int width, int height) {
    image_.detail = {width, height, {}};
    for (int i = 0; i < width * height; ++i) {
      const bool left = i % width < width / 2;
      image_.detail.pixels.insert(image_.detail.pixels.end(),
                                  {uint8_t(left ? 255 : 0), uint8_t(left ? 0 : 255), 0});
    }
  }

  static Detection Found(const std::string& label, const NormalizedBox& box) {
    return {.box = box, .label = label, .score = 0.9f, .sure = true};
  }

  std::vector<Detection> Assign(std::vector<Detection> detections) {
    const FinerNames::Target targets[] = {{&image_, &detections}};
    FinerNames(config_, encoder_).Assign(targets);
    return detections;
  }

  VisionEncoderConfig config_;
  std::shared_ptr<ColorEncoder> encoder_ = std::make_shared<ColorEncoder>();
  ImageInput image_;
};

constexpr NormalizedBox kLeft{0.05f, 0.1f, 0.4f, 0.9f};
constexpr NormalizedBox kRight{0.6f, 0.1f, 0.95f, 0.9f};

TEST_F(FinerNamesTest, NamesEachObjectByItsOwnCrop) {
  const auto named = Assign({Found("dog", kLeft), Found("dog", kRight)});
  EXPECT_EQ(named[0].finer_label, "red dog");
  EXPECT_EQ(named[1].finer_label, "green dog");
  EXPECT_GT(named[0].finer_score, 0.9f);
  EXPECT_LE(named[0].finer_score, 1.0f);
}

TEST_F(FinerNamesTest, AClassThatTheClassifierDoesNotBelieveInGetsNoName) {
  EXPECT_EQ(Assign({Found("cat", kLeft)})[0].finer_label, "");
  encoder_->fourth = 3;
  EXPECT_EQ(Assign({Found("dog", kLeft)})[0].finer_label, "");
}

TEST_F(FinerNamesTest, AnUnclearNameIsNotGiven) {
  config_.finer_name_threshold = 0.9f;
  EXPECT_EQ(Assign({Found("dog", {0.2f, 0.1f, 0.8f, 0.9f})})[0].finer_label, "");
}

TEST_F(FinerNamesTest, OnlySureObjectsOfKnownClassesAndFairSizeAreLookedAt) {
  Detection unsure = Found("dog", kLeft);
  unsure.sure = false;
  Assign({unsure, Found("bench", kLeft), Found("dog", {0.1f, 0.1f, 0.2f, 0.9f})});
  EXPECT_EQ(encoder_->crops, 0);
}

TEST_F(FinerNamesTest, AtMostEightCropsAnImageBestScoresFirst) {
  const auto named = Assign(std::vector<Detection>(12, Found("dog", kLeft)));
  EXPECT_EQ(encoder_->crops, FinerNames::kMaxCrops);
  EXPECT_EQ(named[FinerNames::kMaxCrops - 1].finer_label, "red dog");
  EXPECT_EQ(named[FinerNames::kMaxCrops].finer_label, "");
}

TEST_F(FinerNamesTest, EveryCropOfABatchIsARunOfItsOwnOnACpu) {
  std::vector<Detection> first = {Found("dog", kLeft)};
  std::vector<Detection> second = {Found("dog", kRight)};
  const FinerNames::Target targets[] = {{&image_, &first}, {&image_, &second}};
  FinerNames(config_, encoder_).Assign(targets);
  EXPECT_EQ(encoder_->runs, 2);
  EXPECT_EQ(first[0].finer_label, "red dog");
  EXPECT_EQ(second[0].finer_label, "green dog");
}

TEST_F(FinerNamesTest, CropsAtTheEdgesAndOfOnePixelAreCut) {
  for (const NormalizedBox& box : {NormalizedBox{0, 0, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}}) {
    EXPECT_EQ(CutCrop(image_.detail, box, 8).sizes(), (at::IntArrayRef{3, 8, 8}));
  }
  SetPicture(1, 1);
  EXPECT_EQ(CutCrop(image_.detail, {0, 0, 1, 1}, 8).sizes(), (at::IntArrayRef{3, 8, 8}));
}

}  // namespace
}  // namespace mrmllm
