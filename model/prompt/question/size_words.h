// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_SIZE_WORDS_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_SIZE_WORDS_H_

#include <optional>
#include <string>
#include <vector>

namespace mrmllm {

// What a question compares: "Is the dog bigger than the cat?", "the smallest object", "How big is
// the dog?"
struct SizeQuestion {
  enum class Measure { kArea, kHeight, kWidth };
  enum class Form {
    kComparative,  // two named objects
    kSuperlative,  // one object of all, or of a class
    kAmount,       // how large one is
  };
  Measure measure = Measure::kArea;
  Form form = Form::kComparative;
  bool larger = true;     // asks for the larger one
  std::string adjective;  // comparative or superlative to answer with: "bigger", "smallest"
  std::string opposite;   // of a comparative: "smaller"
};

// nullopt if the question speaks of no size. `words`: of WordsOf.
std::optional<SizeQuestion> FindSizeQuestion(const std::vector<std::string>& words);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_SIZE_WORDS_H_
