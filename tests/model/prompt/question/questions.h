// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_PROMPT_QUESTION_QUESTIONS_H_
#define MRMLLM_TESTS_MODEL_PROMPT_QUESTION_QUESTIONS_H_

#include <string_view>

#include "model/prompt/question/asked_question.h"

namespace mrmllm {

inline const ClassWords& SomeClassWords() {
  static const auto& words = *new ClassWords({"person", "dog", "cat", "car", "bus", "couch",
                                              "chair", "apple", "orange", "dining table", "zebra"});
  return words;
}

inline AskedQuestion Understand(std::string_view question) {
  return Understand(question, SomeClassWords());
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_PROMPT_QUESTION_QUESTIONS_H_
