// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_ASKED_QUESTION_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_ASKED_QUESTION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/words/class_words.h"
#include "model/prompt/question/question_kind.h"
#include "model/prompt/question/size_words.h"
#include "model/prompt/question/spatial_words.h"
#include "model/prompt/question/untellable_topic.h"

namespace mrmllm {

// What was understood of a question, by its words alone.
struct AskedQuestion {
  QuestionKind kind = QuestionKind::kOther;
  QuestionKind form = QuestionKind::kOther;  // FormOf: "How many dogs are left of the cat?" counts
  bool yes_no = false;                       // wants a yes or a no
  bool between = false;                      // offers a choice: "the dog or the cat"
  std::vector<ClassMeaning> asked;           // in order of appearance, each noun once
  std::string color;                         // a basic color term that is named, or empty
  std::optional<SpatialRelation> relation;   // of kRelation
  std::optional<ImageRegion> region;         // of kRegion
  std::optional<SizeQuestion> size;          // of kSize
  std::optional<UntellableTopic> topic;      // of kUntellable
};

// Errors: none; a question that is not understood is kOther.
AskedQuestion Understand(std::string_view question, const ClassWords& class_words);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_ASKED_QUESTION_H_
