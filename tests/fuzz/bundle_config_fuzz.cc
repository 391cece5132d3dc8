// SPDX-License-Identifier: Apache-2.0
// The text of a bundle's config.json: what is accepted has dimensions that the model can be built
// with.
#include "model/config.h"

#include "model/perception/rt_detr/rt_detr_config.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

void ParseAnything(std::string_view json) {
  const auto config = ModelConfig::Parse(json);
  if (!config.ok()) {
    FuzzCheck(!config.status().message().empty(), "a refusal gives its reason");
    return;
  }
  FuzzCheck(!config->name.empty() && !config->version.empty(), "a model has a name and a version");
  const DetectorConfig& detector = config->detector;
  FuzzCheck(!detector.labels.empty(), "a detector knows something");
  for (const int stride : detector.strides) {
    FuzzCheck(detector.input_size % stride == 0, "strides divide the input");
  }
  if (detector.family == "rt_detr") {
    const RtDetrConfig& rt_detr = *detector.rt_detr;
    FuzzCheck(rt_detr.d_model % rt_detr.decoder_attention_heads == 0 &&
                  detector.neck_channels % rt_detr.encoder_attention_heads == 0,
              "a detector's heads fill its widths");
  }
  FuzzCheck(detector.candidate_threshold <= detector.sure_threshold, "thresholds are ordered");
  const LanguageConfig& language = config->language_model;
  FuzzCheck(language.num_key_value_heads >= 1 &&
                language.num_attention_heads % language.num_key_value_heads == 0,
            "heads share key-value heads evenly");
  FuzzCheck(language.head_dim >= 1 && language.vocab_size >= 1, "dimensions are positive");
  FuzzCheck(language.attention_bias == (language.family == "qwen2"), "one family has biases");
  if (language.rope_scaling.has_value()) {
    const RopeScaling& scaling = *language.rope_scaling;
    FuzzCheck(scaling.factor >= 1, "scaling stretches");
    FuzzCheck(scaling.rope_type == "linear" || scaling.high_freq_factor > scaling.low_freq_factor,
              "frequencies pass from low to high");
  }
  const FusionConfig& fusion = config->fusion;
  FuzzCheck(fusion.num_heads >= 1 && fusion.width % fusion.num_heads == 0, "heads fill the width");
  for (const int layer : fusion.integration_layers) {
    FuzzCheck(layer >= 0 && layer < language.num_hidden_layers, "integrated layers exist");
  }
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::ParseAnything(mrmllm::FuzzText(data, size));
  return 0;
}
