// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_ANSWER_WORDS_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_ANSWER_WORDS_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// A word of an answer and where it stands.
struct AnswerWord {
  std::string text;  // ASCII letters in lower case
  int start_byte = 0;
  int end_byte = 0;  // one past the last
  int sentence = 0;  // its number, from 0
  int segment = 0;   // its part of a sentence, numbered over the whole answer: what stands between
                     // commas, colons, brackets and dashes
  bool in_question = false;  // its sentence ends in a question mark
  char before = ' ';         // of what stands between it and the word before: the mark that says
                             // most, one of . : , - or a space

  bool is_one_of(std::initializer_list<std::string_view> words) const;
};

// The words of a text in UTF-8, or of anything else. A word is a run of ASCII letters, digits,
// underscores and characters beyond ASCII other than general punctuation (quotation marks, dashes);
// "isn't" is "isn" and "t". A number keeps its point: "3.5" is one word.
std::vector<AnswerWord> WordsOfAnswer(std::string_view answer);

// Whether `words[at ...]` are these, in one segment.
bool StandsAt(const std::vector<AnswerWord>& words, size_t at,
              std::initializer_list<std::string_view> phrase);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_ANSWER_WORDS_H_
