// SPDX-License-Identifier: Apache-2.0
#include "model/config.h"

#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/json_fields.h"
#include "model/json_text.h"
#include "model/perception/rt_detr/rt_detr_config.h"

namespace mrmllm {
namespace {

using nlohmann::json;

constexpr int64_t kMaxSide = 4096;
constexpr int64_t kMaxWidth = 65'536;
constexpr int64_t kMaxLayers = 1'024;

PixelNormalization ParseNormalization(JsonFields& fields) {
  PixelNormalization result;
  result.channel_order = fields.Choice("channel_order", {"RGB", "BGR"});
  for (double mean : fields.Numbers("mean", 3, 0, 255)) result.mean.push_back(mean);
  for (double std : fields.Numbers("std", 3, 1e-3, 255)) result.std.push_back(std);
  return result;
}

ImageSpec::Resize ParseResize(JsonFields& fields) {
  return fields.Choice("resize", {"letterbox", "stretch"}) == "letterbox"
             ? ImageSpec::Resize::kLetterbox
             : ImageSpec::Resize::kStretch;
}

DetectorConfig ParseDetector(const json& object, absl::Status* status) {
  JsonFields fields(object, "detector", status);
  DetectorConfig config;
  config.family = fields.Choice("family", {"nanodet", "rt_detr"});
  config.input_size = fields.Int("input_size", 32, kMaxSide);
  config.resize = ParseResize(fields);
  config.normalization = ParseNormalization(fields);
  for (int64_t stride : fields.Ints("strides", 1, 256)) config.strides.push_back(stride);
  if (config.family == "nanodet") {
    config.distribution_bins = fields.Int("distribution_bins", 2, 256);
  }
  config.neck_channels = fields.Int("neck_channels", 1, kMaxWidth);
  config.nms_iou_threshold = fields.Number("nms_iou_threshold", 0.01, 1);
  config.coincident_iou_threshold = fields.Number("coincident_iou_threshold", 0.01, 1);
  // In double: 0.3 is less than 0.3f, and thresholds may be equal.
  const double candidate = fields.Number("candidate_threshold", 1e-4, 0.9999);
  const double unsure = fields.Number("unsure_threshold", candidate, 0.9999);
  config.candidate_threshold = static_cast<float>(candidate);
  config.unsure_threshold = static_cast<float>(unsure);
  config.sure_threshold = static_cast<float>(fields.Number("sure_threshold", unsure, 0.9999));
  config.labels = fields.Strings("labels");
  if (status->ok() && config.strides.empty())
    fields.Fail("strides", "at least one stride", object["strides"]);
  for (int stride : config.strides) {
    if (status->ok() && config.input_size % stride != 0) {
      fields.Fail("input_size", absl::StrCat("a multiple of the stride ", stride),
                  object["input_size"]);
    }
  }
  const std::set<std::string> unique(config.labels.begin(), config.labels.end());
  if (status->ok() &&
      (config.labels.empty() || unique.size() != config.labels.size() || unique.contains(""))) {
    fields.Fail("labels", "at least one label, none empty or twice", object["labels"]);
  }
  if (status->ok() && config.family == "rt_detr") {
    config.rt_detr = ParseRtDetr(fields.Object("rt_detr"), config, status);
  }
  fields.Finish();
  return config;
}

VisionEncoderConfig ParseVisionEncoder(const json& object, const DetectorConfig& detector,
                                       absl::Status* status) {
  JsonFields fields(object, "vision_encoder", status);
  VisionEncoderConfig config;
  config.family = fields.Choice("family", {"efficientnet_lite"});
  config.variant = fields.Choice("variant", {"lite0"});
  config.input_size = fields.Int("input_size", 32, kMaxSide);
  config.resize = ParseResize(fields);
  config.normalization = ParseNormalization(fields);
  config.feature_channels = fields.Int("feature_channels", 1, kMaxWidth);
  config.labels = fields.Strings("labels");
  config.finer_name_threshold = fields.Number("finer_name_threshold", 0, 1);
  const std::set<std::string> known(detector.labels.begin(), detector.labels.end());
  JsonFields names(fields.Object("finer_names"), "vision_encoder.finer_names", status);
  const int64_t last = static_cast<int64_t>(config.labels.size()) - 1;
  if (status->ok()) {
    for (const auto& [label, indices] : object["finer_names"].items()) {
      if (!known.contains(label)) names.Fail(label, "a label of the detector as key", label);
      for (int64_t index : names.Ints(label, 0, last)) config.finer_names[label].push_back(index);
    }
  }
  fields.Finish();
  return config;
}

RopeScaling ParseRopeScaling(const json& object, int max_position_embeddings,
                             absl::Status* status) {
  JsonFields fields(object, "language_model.rope_scaling", status);
  RopeScaling scaling;
  scaling.rope_type = fields.Choice("rope_type", {"linear", "llama3"});
  scaling.factor = fields.Number("factor", 1, 1e6);
  if (scaling.rope_type == "llama3") {
    scaling.low_freq_factor = fields.Number("low_freq_factor", 1e-6, 1e6);
    scaling.high_freq_factor = fields.Number("high_freq_factor", 1e-6, 1e6);
    scaling.original_max_position_embeddings =
        fields.Int("original_max_position_embeddings", 1, max_position_embeddings);
    if (status->ok() && scaling.high_freq_factor <= scaling.low_freq_factor) {
      fields.Fail("high_freq_factor",
                  absl::StrCat("more than low_freq_factor ", scaling.low_freq_factor),
                  object["high_freq_factor"]);
    }
  }
  fields.Finish();
  return scaling;
}

// Qwen2 always has biases of q, k and v, the other families never: those of a Llama that has them
// stand behind the output projection too.
bool ParseAttentionBias(const json& object, const std::string& family, JsonFields& fields,
                        const absl::Status& status) {
  const bool expected = family == "qwen2";
  if (!expected && !object.contains("attention_bias")) return false;
  const bool biased = fields.Bool("attention_bias");
  if (status.ok() && biased != expected) {
    fields.Fail("attention_bias",
                absl::StrCat(expected ? "true" : "false", " for the family ", family), biased);
  }
  return biased;
}

LanguageConfig ParseLanguageModel(const json& object, absl::Status* status) {
  JsonFields fields(object, "language_model", status);
  LanguageConfig config;
  config.family = fields.Choice("family", {"llama", "mistral", "qwen2"});
  config.hidden_size = fields.Int("hidden_size", 1, kMaxWidth);
  config.intermediate_size = fields.Int("intermediate_size", 1, 4 * kMaxWidth);
  config.num_hidden_layers = fields.Int("num_hidden_layers", 1, kMaxLayers);
  config.num_attention_heads = fields.Int("num_attention_heads", 1, kMaxLayers);
  config.num_key_value_heads = fields.Int("num_key_value_heads", 1, kMaxLayers);
  config.head_dim = fields.Int("head_dim", 2, 1024);
  config.rms_norm_eps = fields.Number("rms_norm_eps", 1e-12, 1);
  config.rope_theta = fields.Number("rope_theta", 1, 1e12);
  config.vocab_size = fields.Int("vocab_size", 1, 4'000'000);
  config.max_position_embeddings = fields.Int("max_position_embeddings", 1, 16'777'216);
  config.tie_word_embeddings = fields.Bool("tie_word_embeddings");
  config.attention_bias = ParseAttentionBias(object, config.family, fields, *status);
  if (object.contains("rope_scaling")) {
    config.rope_scaling =
        ParseRopeScaling(fields.Object("rope_scaling"), config.max_position_embeddings, status);
  }
  if (object.contains("weight_format")) {
    config.weight_format = fields.Choice("weight_format", {"bfloat16", "int8", "int4"});
  }
  for (int64_t id : fields.Ints("eos_token_ids", 0, config.vocab_size - 1))
    config.eos_token_ids.push_back(id);
  if (status->ok() && config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.Fail("num_key_value_heads", "a divisor of num_attention_heads",
                config.num_key_value_heads);
  }
  if (status->ok() && config.head_dim % 2 != 0)
    fields.Fail("head_dim", "an even number", config.head_dim);
  if (status->ok() && config.eos_token_ids.empty())
    fields.Fail("eos_token_ids", "at least one", json::array());
  fields.Finish();
  return config;
}

AdapterConfig ParseAdapters(const json& object, absl::Status* status) {
  JsonFields fields(object, "adapters", status);
  AdapterConfig config;
  config.rank = fields.Int("rank", 1, 1'024);
  config.alpha = fields.Number("alpha", 1e-3, 1e6);
  fields.Finish();
  return config;
}

FusionConfig ParseFusion(const json& object, const LanguageConfig& language, absl::Status* status) {
  JsonFields fields(object, "fusion", status);
  FusionConfig config;
  config.width = fields.Int("width", 1, kMaxWidth);
  config.num_queries = fields.Int("num_queries", 1, 4'096);
  config.num_blocks = fields.Int("num_blocks", 1, 64);
  config.num_heads = fields.Int("num_heads", 1, 256);
  const int64_t last_layer = language.num_hidden_layers - 1;
  for (int64_t layer : fields.Ints("integration_layers", 0, last_layer))
    config.integration_layers.push_back(layer);
  for (size_t i = 1; i < config.integration_layers.size(); ++i) {
    if (config.integration_layers[i] <= config.integration_layers[i - 1]) {
      fields.Fail("integration_layers", "ascending layers", object["integration_layers"]);
    }
  }
  if (status->ok() && config.width % config.num_heads != 0) {
    fields.Fail("num_heads", absl::StrCat("a divisor of width ", config.width), config.num_heads);
  }
  fields.Finish();
  return config;
}

ChatTemplateConfig::Role ParseRole(const json& object, std::string path, absl::Status* status) {
  JsonFields fields(object, std::move(path), status);
  ChatTemplateConfig::Role role{.prefix = fields.String("prefix"),
                                .suffix = fields.String("suffix")};
  fields.Finish();
  return role;
}

// The optional keys of a chat template.
ChatExtras ParseChatExtras(const json& object, JsonFields& fields) {
  ChatExtras extras;
  if (object.contains("without_system")) extras.without_system = fields.String("without_system");
  if (object.contains("system_in_user")) {
    extras.system_place = fields.Choice("system_in_user", {"first", "last"}) == "last"
                              ? ChatExtras::SystemPlace::kLastUser
                              : ChatExtras::SystemPlace::kFirstUser;
  }
  if (object.contains("trim")) extras.trim = fields.Strings("trim");
  for (const std::string& role : extras.trim) {
    if (role != "system" && role != "user" && role != "assistant") {
      fields.Fail("trim", "system, user or assistant", role);
    }
  }
  if (object.contains("plain_turns")) extras.plain_turns = fields.Bool("plain_turns");
  return extras;
}

PromptConfig ParsePrompt(const json& object, absl::Status* status) {
  JsonFields fields(object, "prompt", status);
  PromptConfig config;
  config.max_perception_tokens = fields.Int("max_perception_tokens", 0, 65'536);
  config.max_boxes_per_class = fields.Int("max_boxes_per_class", 0, 300);
  config.max_boxes = fields.Int("max_boxes", 0, 300);
  config.system = fields.String("system");
  config.stop = fields.Strings("stop");
  const std::string path = "prompt.chat_template";
  const json& chat_object = fields.Object("chat_template");
  JsonFields chat(chat_object, path, status);
  config.chat_template.system = ParseRole(chat.Object("system"), path + ".system", status);
  config.chat_template.user = ParseRole(chat.Object("user"), path + ".user", status);
  config.chat_template.assistant = ParseRole(chat.Object("assistant"), path + ".assistant", status);
  config.chat_template.generation_prefix = chat.String("generation_prefix");
  config.chat_template.extras = ParseChatExtras(chat_object, chat);
  chat.Finish();
  fields.Finish();
  return config;
}

}  // namespace

absl::StatusOr<ModelConfig> ModelConfig::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(const json root, ParseJson(text));
  absl::Status status;
  JsonFields fields(root, "", &status);
  ModelConfig config;
  fields.Int("format_version", 1, 1);
  config.name = fields.String("name");
  config.version = fields.String("version");
  config.detector = ParseDetector(fields.Object("detector"), &status);
  config.vision_encoder =
      ParseVisionEncoder(fields.Object("vision_encoder"), config.detector, &status);
  config.language_model = ParseLanguageModel(fields.Object("language_model"), &status);
  if (root.contains("adapters")) {
    config.adapters = ParseAdapters(fields.Object("adapters"), &status);
  }
  config.fusion = ParseFusion(fields.Object("fusion"), config.language_model, &status);
  config.prompt = ParsePrompt(fields.Object("prompt"), &status);
  fields.Finish();
  RETURN_IF_ERROR(status);
  return config;
}

}  // namespace mrmllm
