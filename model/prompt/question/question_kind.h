// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_QUESTION_KIND_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_QUESTION_KIND_H_

#include <string_view>

namespace mrmllm {

// What kind of answer a question wants; facts are worded for it.
enum class QuestionKind {
  kExistence,   // "Is there a dog?", "Do you see any cars?"
  kCount,       // "How many dogs are there?"
  kPlace,       // "Where is the dog?"
  kFinerName,   // "What kind of dog is it?"
  kRelation,    // "Is the dog left of the cat?", "What is above the table?"
  kRegion,      // "Is the dog on the left?", "What is at the top of the image?"
  kSize,        // "Which is bigger, the dog or the cat?"
  kColor,       // "What color is the car?"
  kListing,     // "What animals are in the picture?"
  kUntellable,  // "What is the man thinking?": boxes do not tell it
  kGeneral,     // "What is the capital of France?": no image is needed
  kOther,
};

// The kinds that the form of the question tells, whatever it speaks of: existence, count, place,
// finer name, or other.
QuestionKind FormOf(std::string_view question);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_QUESTION_KIND_H_
