// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/rt_detr_config.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// The default bundle with the published dimensions of RT-DETR with ResNet-18-vd.
json BundleWithRtDetr() {
  std::ifstream file(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
  json config = json::parse(file);
  json& detector = config["detector"];
  detector.erase("distribution_bins");
  detector.update(json::parse(R"({
      "family": "rt_detr", "input_size": 640, "resize": "stretch", "channel_order": "RGB",
      "mean": [0, 0, 0], "std": [255, 255, 255], "neck_channels": 256,
      "nms_iou_threshold": 1.0, "coincident_iou_threshold": 1.0})"));
  detector["rt_detr"] = json::parse(R"({
      "backbone": {"embedding_size": 64, "hidden_sizes": [64, 128, 256, 512], "depths": [2, 2, 2, 2],
                   "layer_type": "basic", "downsample_in_first_stage": false,
                   "downsample_in_bottleneck": false},
      "d_model": 256, "encoder_layers": 1, "encode_proj_layers": [2], "encoder_ffn_dim": 1024,
      "encoder_attention_heads": 8, "encoder_activation_function": "gelu",
      "activation_function": "silu", "hidden_expansion": 0.5,
      "positional_encoding_temperature": 10000, "num_queries": 300, "decoder_layers": 3,
      "decoder_ffn_dim": 1024, "decoder_attention_heads": 8, "decoder_n_points": 4,
      "decoder_activation_function": "relu", "decoder_offset_scale": 0.5,
      "decoder_method": "default", "layer_norm_eps": 1e-5, "batch_norm_eps": 1e-5})");
  return config;
}

TEST(RtDetrConfigTest, ReadsThePublishedDimensions) {
  const auto config = ModelConfig::Parse(BundleWithRtDetr().dump());
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_NE(config->detector.rt_detr, nullptr);
  const RtDetrConfig& rt_detr = *config->detector.rt_detr;
  EXPECT_THAT(rt_detr.backbone.hidden_sizes, testing::ElementsAre(64, 128, 256, 512));
  EXPECT_EQ(rt_detr.decoder_layers, 3);
  EXPECT_EQ(rt_detr.hidden_expansion, 0.5);
  EXPECT_EQ(config->detector.neck_channels, 256);
}

TEST(RtDetrConfigTest, OtherFamiliesHaveNone) {
  std::ifstream file(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
  json config = json::parse(file);
  EXPECT_EQ(ModelConfig::Parse(config.dump())->detector.rt_detr, nullptr);
  config["detector"]["rt_detr"] = json::object();
  EXPECT_THAT(std::string(ModelConfig::Parse(config.dump()).status().message()),
              HasSubstr("detector.rt_detr: expected no such key"));
}

struct BadConfig {
  const char* pointer;  // JSON pointer under detector of what is changed
  json value;           // null: removed
  const char* message;
};

class BadRtDetrConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadRtDetrConfigTest, IsRefusedByName) {
  json config = BundleWithRtDetr();
  const json::json_pointer pointer(std::string("/detector") + GetParam().pointer);
  if (GetParam().value.is_null()) {
    config.at(pointer.parent_pointer()).erase(pointer.back());
  } else {
    config[pointer] = GetParam().value;
  }
  const auto parsed = ModelConfig::Parse(config.dump());
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadRtDetrConfigTest,
    testing::Values(
        BadConfig{"/distribution_bins", 11, "detector.distribution_bins: expected no such key"},
        BadConfig{"/rt_detr", nullptr, "detector.rt_detr: expected an object, got nothing"},
        BadConfig{"/rt_detr/backbone", nullptr, "detector.rt_detr.backbone: expected an object"},
        BadConfig{"/rt_detr/backbone/layer_type", "wide",
                  "detector.rt_detr.backbone.layer_type: expected one of basic, bottleneck"},
        BadConfig{"/rt_detr/backbone/depths",
                  {2, 2, 2},
                  "detector.rt_detr.backbone.depths: expected one for each of 4 stages"},
        BadConfig{"/rt_detr/backbone/hidden_sizes",
                  {32, 128, 256, 512},
                  "detector.rt_detr.backbone.hidden_sizes: expected embedding_size 64 in front"},
        BadConfig{"/rt_detr/backbone/embedding_size", 63,
                  "detector.rt_detr.backbone.embedding_size: expected an even number"},
        BadConfig{"/rt_detr/backbone/downsample_in_first_stage", true,
                  "detector.rt_detr.backbone: expected last stages of strides 8, 16, 32"},
        BadConfig{"/rt_detr/decoder_attention_heads", 7,
                  "detector.rt_detr.decoder_attention_heads: expected a divisor of d_model 256"},
        BadConfig{"/rt_detr/encoder_attention_heads", 7,
                  "detector.rt_detr.encoder_attention_heads: expected a divisor"},
        BadConfig{
            "/rt_detr/encode_proj_layers",
            {3},
            "detector.rt_detr.encode_proj_layers: expected an array of whole numbers in [0, 2]"},
        BadConfig{"/rt_detr/encode_proj_layers",
                  {2, 2},
                  "detector.rt_detr.encode_proj_layers: expected ascending levels"},
        BadConfig{"/rt_detr/num_queries", 8401,
                  "detector.rt_detr.num_queries: expected at most one for each of 8400 places"},
        BadConfig{"/rt_detr/decoder_activation_function", "tanh",
                  "detector.rt_detr.decoder_activation_function: expected one of gelu, relu, silu"},
        BadConfig{"/rt_detr/normalize_before", true,
                  "detector.rt_detr.normalize_before: expected no such key"}));

}  // namespace
}  // namespace mrmllm
