// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CONFIG_H_
#define MRMLLM_MODEL_CONFIG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/image.h"
#include "model/text/chat_extras.h"

namespace mrmllm {

// A bundle's config.json, one struct a part; members carry the file's key names. Parsed strictly: a
// missing or unknown key and a value out of range are errors that name the key. No other code holds
// a dimension of its own.

// Pixels to tensor: (x - mean) / std per channel, x in [0, 255], in `channel_order`.
struct PixelNormalization {
  std::string channel_order;  // "RGB" or "BGR"
  std::vector<float> mean;    // 3
  std::vector<float> std;     // 3, > 0
};

struct RtDetrConfig;  // perception/rt_detr/rt_detr_config.h

struct DetectorConfig {
  std::string family;  // "nanodet" or "rt_detr"
  int input_size = 0;  // pixels, a multiple of the largest stride
  ImageSpec::Resize resize = ImageSpec::Resize::kLetterbox;
  PixelNormalization normalization;
  std::vector<int> strides;            // of the pyramid levels, finest first
  int distribution_bins = 0;           // logits per box side
  int neck_channels = 0;               // D_p
  float nms_iou_threshold = 0;         // (0, 1], within one class
  float coincident_iou_threshold = 0;  // (0, 1], across classes: above it two boxes are one object
  float candidate_threshold = 0;       // (0, 1): scores below are never reported
  float unsure_threshold = 0;          // from here on the prompt says "unsure"
  float sure_threshold = 0;            // from here on an object counts
  std::vector<std::string> labels;
  std::shared_ptr<const RtDetrConfig> rt_detr;  // of that family alone, else null
};

struct VisionEncoderConfig {
  std::string family;   // "efficientnet_lite"
  std::string variant;  // "lite0"
  int input_size = 0;
  ImageSpec::Resize resize = ImageSpec::Resize::kStretch;
  PixelNormalization normalization;
  int feature_channels = 0;         // D_m
  std::vector<std::string> labels;  // of the classifier
  std::map<std::string, std::vector<int>>
      finer_names;                 // detector label -> compatible classifier indices
  float finer_name_threshold = 0;  // [0, 1]
};

// How rotary frequencies stretch to contexts longer than those of the first training; names as in
// Hugging Face's `rope_scaling`.
struct RopeScaling {
  std::string rope_type;  // "linear" or "llama3"
  double factor = 1;
  double low_freq_factor = 0;   // of "llama3" alone, as the rest
  double high_freq_factor = 0;  // > low_freq_factor
  int original_max_position_embeddings = 0;
};

// Names as in a Hugging Face config.json of the Llama family.
struct LanguageConfig {
  std::string family;   // "llama", "mistral" or "qwen2"
  int hidden_size = 0;  // D_lm
  int intermediate_size = 0;
  int num_hidden_layers = 0;
  int num_attention_heads = 0;
  int num_key_value_heads = 0;
  int head_dim = 0;
  float rms_norm_eps = 0;
  double rope_theta = 0;
  int vocab_size = 0;
  int max_position_embeddings = 0;
  bool tie_word_embeddings = false;
  bool attention_bias = false;  // q, k and v have one; optional in the file
  std::optional<RopeScaling> rope_scaling;
  // What `device.dtype: auto` becomes on a CPU that computes in it fast: "bfloat16", "int8" or
  // "int4", where the bundle's weights lose nothing by it; optional, empty: no opinion.
  std::string weight_format;
  std::vector<int32_t> eos_token_ids;
};

struct FusionConfig {
  int width = 0;        // D
  int num_queries = 0;  // K
  int num_blocks = 0;
  int num_heads = 0;
  std::vector<int> integration_layers;  // decoder layers with gated cross-attention, ascending
};

struct ChatTemplateConfig {
  struct Role {
    std::string prefix;
    std::string suffix;
  };
  Role system;
  Role user;
  Role assistant;
  std::string generation_prefix;
  ChatExtras extras;
};

struct PromptConfig {
  int max_perception_tokens = 0;
  int max_boxes_per_class = 0;
  int max_boxes = 0;
  std::string system;
  std::vector<std::string> stop;  // ends an answer from a perception prompt, as the caller's do
  ChatTemplateConfig chat_template;
};

// Low-rank adapters of the language model, beside its weights in adapters.safetensors
// (checkpoint/adapters.h).
struct AdapterConfig {
  int rank = 0;
  float alpha = 0;  // what the adapters add is scaled by alpha / rank
};

struct ModelConfig {
  std::string name;
  std::string version;
  DetectorConfig detector;
  VisionEncoderConfig vision_encoder;
  LanguageConfig language_model;
  std::optional<AdapterConfig> adapters;  // absent: the language model is as it is
  FusionConfig fusion;
  PromptConfig prompt;

  // Parses and validates the text of a config.json; INVALID_ARGUMENT names the key, what was
  // expected and what came.
  static absl::StatusOr<ModelConfig> Parse(std::string_view json);
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CONFIG_H_
