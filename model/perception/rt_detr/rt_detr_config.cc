// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/rt_detr_config.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/json_fields.h"

namespace mrmllm {
namespace {

using nlohmann::json;

constexpr int64_t kMaxChannels = 16'384;
constexpr int64_t kMaxLayers = 256;
constexpr int kStemStride = 4;
// A bottleneck's inner convolution has this part of its channels.
constexpr int kBottleneckReduction = 4;

std::vector<int> Narrow(const std::vector<int64_t>& values) {
  return {values.begin(), values.end()};
}

// That stages add up: a basic block that changes channels also halves the map.
void CheckStages(const ResNetVdConfig& config, JsonFields& fields) {
  if (config.hidden_sizes.empty() || config.hidden_sizes.size() != config.depths.size()) {
    fields.Fail("depths", absl::StrCat("one for each of ", config.hidden_sizes.size(), " stages"),
                config.depths);
  }
  if (config.embedding_size % 2 != 0) {
    fields.Fail("embedding_size", "an even number", config.embedding_size);
  }
  if (config.layer_type == "bottleneck") {
    for (int size : config.hidden_sizes) {
      if (size % kBottleneckReduction != 0) {
        fields.Fail("hidden_sizes", "multiples of 4", config.hidden_sizes);
      }
    }
  } else if (!config.downsample_in_first_stage && !config.hidden_sizes.empty() &&
             config.hidden_sizes[0] != config.embedding_size) {
    fields.Fail("hidden_sizes",
                absl::StrCat("embedding_size ", config.embedding_size, " in front: a first stage ",
                             "of basic blocks keeps channels where it keeps the size"),
                config.hidden_sizes);
  }
}

ResNetVdConfig ParseBackbone(const json& object, absl::Status* status) {
  JsonFields fields(object, "detector.rt_detr.backbone", status);
  ResNetVdConfig config;
  config.embedding_size = static_cast<int>(fields.Int("embedding_size", 2, kMaxChannels));
  config.hidden_sizes = Narrow(fields.Ints("hidden_sizes", 1, kMaxChannels));
  config.depths = Narrow(fields.Ints("depths", 1, kMaxLayers));
  config.layer_type = fields.Choice("layer_type", {"basic", "bottleneck"});
  config.downsample_in_first_stage = fields.Bool("downsample_in_first_stage");
  config.downsample_in_bottleneck = fields.Bool("downsample_in_bottleneck");
  if (status->ok()) CheckStages(config, fields);
  fields.Finish();
  return config;
}

std::string ParseActivation(std::string_view key, JsonFields& fields) {
  return fields.Choice(key, {"gelu", "relu", "silu"});
}

void ParseEncoder(const DetectorConfig& detector, JsonFields& fields, RtDetrConfig& config) {
  const auto last_level = static_cast<int64_t>(detector.strides.size()) - 1;
  config.encoder_layers = static_cast<int>(fields.Int("encoder_layers", 0, kMaxLayers));
  config.encode_proj_layers = Narrow(fields.Ints("encode_proj_layers", 0, last_level));
  config.encoder_ffn_dim = static_cast<int>(fields.Int("encoder_ffn_dim", 1, kMaxChannels));
  config.encoder_attention_heads =
      static_cast<int>(fields.Int("encoder_attention_heads", 1, kMaxLayers));
  config.encoder_activation_function = ParseActivation("encoder_activation_function", fields);
  config.activation_function = ParseActivation("activation_function", fields);
  config.hidden_expansion = fields.Number("hidden_expansion", 0.01, 16);
  config.positional_encoding_temperature = fields.Number("positional_encoding_temperature", 1, 1e9);
}

void ParseDecoder(JsonFields& fields, RtDetrConfig& config) {
  config.num_queries = static_cast<int>(fields.Int("num_queries", 1, 10'000));
  config.decoder_layers = static_cast<int>(fields.Int("decoder_layers", 1, kMaxLayers));
  config.decoder_ffn_dim = static_cast<int>(fields.Int("decoder_ffn_dim", 1, kMaxChannels));
  config.decoder_attention_heads =
      static_cast<int>(fields.Int("decoder_attention_heads", 1, kMaxLayers));
  config.decoder_n_points = static_cast<int>(fields.Int("decoder_n_points", 1, 64));
  config.decoder_activation_function = ParseActivation("decoder_activation_function", fields);
  config.decoder_offset_scale = fields.Number("decoder_offset_scale", 1e-3, 100);
  config.decoder_method = fields.Choice("decoder_method", {"default", "discrete"});
}

// Strides of the backbone's last `count` stages.
std::vector<int> LastStrides(const ResNetVdConfig& backbone, size_t count) {
  std::vector<int> strides;
  int stride = backbone.downsample_in_first_stage ? 2 * kStemStride : kStemStride;
  for (size_t stage = 0; stage < backbone.depths.size() && stage < 10; ++stage) {
    if (stage + count >= backbone.depths.size()) strides.push_back(stride);
    stride *= 2;
  }
  return strides;
}

void CheckPyramid(const DetectorConfig& detector, const RtDetrConfig& config, JsonFields& fields) {
  const std::vector<int> strides = LastStrides(config.backbone, detector.strides.size());
  if (strides != detector.strides) {
    fields.Fail("backbone",
                absl::StrCat("last stages of strides ", absl::StrJoin(detector.strides, ", "),
                             " as detector.strides says"),
                absl::StrJoin(strides, ", "));
  }
  int64_t places = 0;
  for (int stride : detector.strides) {
    const int64_t side = detector.input_size / stride;
    places += side * side;
  }
  if (config.num_queries > places) {
    fields.Fail("num_queries", absl::StrCat("at most one for each of ", places, " places"),
                config.num_queries);
  }
}

void CheckWidths(const DetectorConfig& detector, const RtDetrConfig& config, JsonFields& fields) {
  const int channels = detector.neck_channels;
  if (channels % config.encoder_attention_heads != 0 || channels % 4 != 0) {
    fields.Fail(
        "encoder_attention_heads",
        absl::StrCat("a divisor of detector.neck_channels, a multiple of 4, which is ", channels),
        config.encoder_attention_heads);
  }
  if (config.d_model % config.decoder_attention_heads != 0) {
    fields.Fail("decoder_attention_heads", absl::StrCat("a divisor of d_model ", config.d_model),
                config.decoder_attention_heads);
  }
  if (static_cast<int>(channels * config.hidden_expansion) < 1) {
    fields.Fail("hidden_expansion", "at least one channel", config.hidden_expansion);
  }
  for (size_t i = 1; i < config.encode_proj_layers.size(); ++i) {
    if (config.encode_proj_layers[i] <= config.encode_proj_layers[i - 1]) {
      fields.Fail("encode_proj_layers", "ascending levels", config.encode_proj_layers);
    }
  }
}

}  // namespace

std::shared_ptr<const RtDetrConfig> ParseRtDetr(const json& object, const DetectorConfig& detector,
                                                absl::Status* status) {
  auto config = std::make_shared<RtDetrConfig>();
  JsonFields fields(object, "detector.rt_detr", status);
  config->backbone = ParseBackbone(fields.Object("backbone"), status);
  config->d_model = static_cast<int>(fields.Int("d_model", 1, kMaxChannels));
  ParseEncoder(detector, fields, *config);
  ParseDecoder(fields, *config);
  config->layer_norm_eps = fields.Number("layer_norm_eps", 1e-12, 1);
  config->batch_norm_eps = fields.Number("batch_norm_eps", 1e-12, 1);
  if (status->ok()) {
    CheckPyramid(detector, *config, fields);
    CheckWidths(detector, *config, fields);
  }
  fields.Finish();
  return config;
}

}  // namespace mrmllm
