// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_TRAINING_EXAMPLE_H_
#define MRMLLM_MODEL_TRAINING_TRAINING_EXAMPLE_H_

#include <string>
#include <vector>

#include "base/dialogue.h"

namespace mrmllm {

// One conversation and the answer that it should get.
struct TrainingExample {
  // As MrMllm renders them when it serves: the system turn and the perception prompt are in their
  // texts. The last one is the user's.
  std::vector<Turn> turns;
  std::string answer;

  bool operator==(const TrainingExample&) const = default;
};

// The example as a person reads it: a line a turn, "[user] Is there a dog?", and "[answer] Yes.".
std::string ExampleText(const TrainingExample& example);

// Where examples come from.
//
// Contract: endless, and deterministic: two sources made with the same arguments give the same
// examples in the same order. A run that is resumed counts on it. Thread-safety: one thread.
class ExampleSource {
 public:
  virtual ~ExampleSource() = default;
  virtual TrainingExample Next() = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_TRAINING_EXAMPLE_H_
