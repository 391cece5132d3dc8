// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_TRAINING_BUNDLE_H_
#define MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_TRAINING_BUNDLE_H_

#include "model/config.h"

namespace mrmllm {

// What example sources read of a bundle's configuration.
inline ModelConfig TrainingBundleConfig() {
  ModelConfig config;
  config.detector.labels = {"dog", "cat", "chair"};
  config.detector.unsure_threshold = 0.2f;
  config.detector.sure_threshold = 0.3f;
  config.prompt.system = "Answer.";
  config.prompt.max_perception_tokens = 1000;
  config.prompt.max_boxes = 10;
  config.prompt.max_boxes_per_class = 4;
  return config;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_TRAINING_BUNDLE_H_
