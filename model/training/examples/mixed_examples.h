// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_EXAMPLES_MIXED_EXAMPLES_H_
#define MRMLLM_MODEL_TRAINING_EXAMPLES_MIXED_EXAMPLES_H_

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "model/training/training_example.h"

namespace mrmllm {

// Several sources as one: each example comes from one of them, chosen at random in proportion to
// their weights.
class MixedExamples : public ExampleSource {
 public:
  struct Part {
    std::unique_ptr<ExampleSource> source;
    double weight = 0;  // > 0
  };

  // `parts`: at least one.
  MixedExamples(std::vector<Part> parts, uint64_t seed);

  TrainingExample Next() override;

 private:
  std::vector<Part> parts_;
  double sum_ = 0;
  std::mt19937_64 random_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_EXAMPLES_MIXED_EXAMPLES_H_
