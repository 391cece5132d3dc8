// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_NOUN_PHRASE_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_NOUN_PHRASE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/rpc/reply/reading/answer_words.h"
#include "server/rpc/reply/reading/quantity.h"

namespace mrmllm {

// What stands before a noun and belongs to it.
struct NounPhrase {
  size_t begin = 0;       // its first word
  bool negated = false;   // "no dog"
  bool definite = false;  // "the", "this", "his", "another", "two of the"
  bool bare = true;       // no article, number or other determiner
  Quantity quantity;
  std::string color;  // the one color among its adjectives; empty: none, or several
};

// The phrase of the noun that starts at `words[noun]`; looks back no further than `limit` (the end
// of the noun before) and a few words.
NounPhrase ReadNounPhrase(const std::vector<AnswerWord>& words, size_t noun, size_t limit);

// The basic color term that a word means ("gray": "grey"); empty: none.
std::string BasicColorTerm(const std::string& word);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_NOUN_PHRASE_H_
