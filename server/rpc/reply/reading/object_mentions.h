// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_OBJECT_MENTIONS_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_OBJECT_MENTIONS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/words/class_words.h"
#include "server/rpc/reply/reading/answer_words.h"
#include "server/rpc/reply/reading/quantity.h"

namespace mrmllm {

// A place of an answer that speaks of objects: "the two red cars".
struct ObjectMention {
  // How it is spoken of.
  enum class Form {
    kIndefinite,  // "a dog", "two dogs", "dogs"
    kDefinite,    // "the dog", "its dog", "one of the dogs", "another dog"
    kDenied,      // "no dog", "there isn't a dog"
  };

  ClassMeaning meaning;
  bool narrower = false;  // the word means less than its class: "woman"
  Form form = Form::kIndefinite;
  bool bare = false;  // neither article nor number: "dogs"
  Quantity quantity;
  bool hedged = false;       // "there may be a dog"
  bool in_question = false;  // the answer asks instead of telling
  std::optional<int> image;  // "in image 2": 1; absent: the answer does not say
  std::string color;         // the basic color term before the noun, if there is one alone
  size_t phrase_begin = 0;   // its words: from the article or number on
  size_t begin = 0;          // the noun
  size_t end = 0;            // one past it
};

// Every place that speaks of classes, in the order of the text. `image_count`: images that "image
// 2" can mean. A noun before another noun ("the dog bowl") speaks of no object of its own.
std::vector<ObjectMention> FindObjectMentions(const std::vector<AnswerWord>& words,
                                              const ClassWords& class_words, int image_count);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_OBJECT_MENTIONS_H_
