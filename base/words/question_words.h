// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_WORDS_QUESTION_WORDS_H_
#define MRMLLM_BASE_WORDS_QUESTION_WORDS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// Lower-case words of ASCII letters and digits; everything else separates: "The man's dog?" ->
// "the", "man", "s", "dog".
std::vector<std::string> WordsOf(std::string_view text);

bool Contains(const std::vector<std::string>& words, std::string_view word);
bool ContainsAny(const std::vector<std::string>& words,
                 const std::vector<std::string_view>& wanted);

inline constexpr size_t kNoPhrase = static_cast<size_t>(-1);

// Where the words of `phrase` ("left of") first stand in a row; kNoPhrase if they do not.
size_t FindPhrase(const std::vector<std::string>& words, std::string_view phrase);

// "image", "picture", "photo" and the like.
bool IsImageWord(std::string_view word);
bool ContainsImageWord(const std::vector<std::string>& words);

}  // namespace mrmllm

#endif  // MRMLLM_BASE_WORDS_QUESTION_WORDS_H_
