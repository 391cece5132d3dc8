// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TRAINING_SCENES_BUNDLE_CONFIG_H_
#define MRMLLM_TESTS_MODEL_TRAINING_SCENES_BUNDLE_CONFIG_H_

#include <fstream>
#include <iterator>
#include <string>

#include "model/config.h"

namespace mrmllm {

// The default bundle's configuration. The tests' tokenizer makes a token of every byte, so the
// prompt may be that much longer.
inline const ModelConfig& BundleConfig() {
  static const auto& config = *new ModelConfig([] {
    std::ifstream file(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    ModelConfig parsed = ModelConfig::Parse(json).value();
    parsed.prompt.max_perception_tokens = 600;
    return parsed;
  }());
  return config;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TRAINING_SCENES_BUNDLE_CONFIG_H_
