// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_WORDS_CLASS_NOUNS_H_
#define MRMLLM_BASE_WORDS_CLASS_NOUNS_H_

#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// English grammar for the names of object classes.

// "dog" -> "dogs", "person" -> "people", "wine glass" -> "wine glasses", "scissors" -> "scissors".
std::string PluralOf(const std::string& noun);

// "2 dogs", "1 dog". `count` >= 0.
std::string CountedNoun(int count, const std::string& noun);

// "a dog", "an apple"; by the first letter.
std::string WithArticle(const std::string& noun);

// "a", "a and b", "a, b and c"; empty for none.
std::string JoinedList(const std::vector<std::string>& items);

}  // namespace mrmllm

#endif  // MRMLLM_BASE_WORDS_CLASS_NOUNS_H_
