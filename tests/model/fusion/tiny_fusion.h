// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_FUSION_TINY_FUSION_H_
#define MRMLLM_TESTS_MODEL_FUSION_TINY_FUSION_H_

#include <torch/torch.h>

#include <string>
#include <vector>

#include "model/fusion/fusion.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {

inline ModelConfig TinyModelConfig() {
  ModelConfig config;
  config.detector.strides = {8, 16, 32};
  config.detector.neck_channels = 12;
  config.detector.labels = {"person", "dog", "cat"};
  config.vision_encoder.feature_channels = 20;
  config.language_model = TinyLanguageConfig();
  config.fusion = {
      .width = 32, .num_queries = 5, .num_blocks = 2, .num_heads = 4, .integration_layers = {1, 2}};
  return config;
}

// Random parameters; every gate has this value.
inline Fusion TinyFusion(double gate) {
  torch::manual_seed(5);
  Fusion fusion(TinyModelConfig());
  Randomize(*fusion);
  const torch::NoGradGuard no_grad;
  for (auto& item : fusion->named_parameters()) {
    const std::string& name = item.key();
    if (name.size() > 4 && name.substr(name.size() - 4) == "gate") item.value().fill_(gate);
  }
  fusion->Prepare();
  return fusion;
}

// Vf_m and Vf_p of `batch` random images.
struct Streams {
  at::Tensor comprehension;
  std::vector<at::Tensor> perception;
};

inline Streams RandomStreams(int64_t batch) {
  return {torch::randn({batch, 20, 3, 3}),
          {torch::randn({batch, 12, 24, 24}), torch::randn({batch, 12, 12, 12}),
           torch::randn({batch, 12, 6, 6})}};
}

inline std::vector<Detection> TwoDetections() {
  Detection person{.box = {0.1f, 0.2f, 0.4f, 0.9f}, .class_id = 0, .score = 0.8f};
  Detection cat{.box = {0.5f, 0.5f, 0.6f, 0.7f}, .class_id = 2, .score = 0.3f};
  return {person, cat};
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_FUSION_TINY_FUSION_H_
