// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TRAINING_LISTED_EXAMPLES_H_
#define MRMLLM_TESTS_MODEL_TRAINING_LISTED_EXAMPLES_H_

#include <string>
#include <utility>
#include <vector>

#include "model/training/training_example.h"

namespace mrmllm {

// The same few examples, over and over.
class ListedExamples : public ExampleSource {
 public:
  using List = std::vector<std::pair<std::string, std::string>>;  // questions and answers

  explicit ListedExamples(List list) : list_(std::move(list)) {}

  TrainingExample Next() override {
    const auto& [question, answer] = list_[next_++ % list_.size()];
    return {{{Turn::Role::kUser, question}}, answer};
  }

 private:
  const List list_;
  size_t next_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TRAINING_LISTED_EXAMPLES_H_
