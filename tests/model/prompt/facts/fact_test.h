// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_PROMPT_FACTS_FACT_TEST_H_
#define MRMLLM_TESTS_MODEL_PROMPT_FACTS_FACT_TEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "model/prompt/facts/question_facts.h"
#include "tests/model/prompt/detections.h"
#include "tests/model/prompt/question/questions.h"

namespace mrmllm {

// A sure detection with a side of 0.1 around a center, or of `side`.
inline Detection SureAt(const std::string& label, float x, float y, float side = 0.1f) {
  Detection detection = Sure(label);
  detection.box = {x - side / 2, y - side / 2, x + side / 2, y + side / 2};
  return detection;
}

inline Detection Colored(const std::string& label, const std::string& color) {
  Detection detection = Sure(label);
  detection.color = color;
  return detection;
}

// The facts about one image, joined with spaces.
inline std::string FactsOf(const std::vector<Detection>& detections, std::string_view question) {
  return absl::StrJoin(QuestionFacts(Understand(question), {GroupByClass(detections)}), " ");
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_PROMPT_FACTS_FACT_TEST_H_
