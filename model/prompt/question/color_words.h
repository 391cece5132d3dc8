// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_COLOR_WORDS_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_COLOR_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/words/class_words.h"

namespace mrmllm {

// "What color is the car?", whatever its spelling.
bool AsksForColor(const std::vector<std::string>& words);

// The basic color term of Detection::color that a word means ("grey": "gray"); empty if none.
std::string_view BasicColorOf(std::string_view word);

// The color that a question names ("Is the car red?"), as a basic term; empty if it names none. A
// mention of oranges that means the color ("an orange car") is taken out of `mentions`.
std::string TakeColor(const std::vector<std::string>& words, std::vector<ClassMention>& mentions);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_COLOR_WORDS_H_
