// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TRAINING_TINY_TRAINING_H_
#define MRMLLM_TESTS_MODEL_TRAINING_TINY_TRAINING_H_

#include <vector>

#include "model/training/training_decoder.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {

// A random sequence of the tiny model's tokens of which the last `supervised` are learned.
inline SupervisedSequence TinySequence(int tokens, int supervised) {
  return {RandomTokens(tokens), tokens - supervised};
}

// Adapters that do something: B is not zero.
inline TrainableAdapters TinyAdapters(const AdapterConfig& config = {.rank = 3, .alpha = 6}) {
  TrainableAdapters adapters(TinyLanguageConfig(), config);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : adapters.parameters()) {
    if (parameter.name.ends_with("lora_B.weight")) parameter.value.normal_(0, 0.05);
  }
  return adapters;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TRAINING_TINY_TRAINING_H_
