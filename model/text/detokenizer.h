// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_DETOKENIZER_H_
#define MRMLLM_MODEL_TEXT_DETOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "model/text/token_decoder.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// Turns tokens into text one at a time, as they are generated. A token may be part of a character:
// its bytes are held back until the character is complete, so every returned text is valid UTF-8;
// in a vocabulary of characters that falls back to bytes, until the run of bytes has ended, as
// TokenDecoder explains.
//
//   IncrementalDetokenizer detokenizer(tokenizer);
//   for (int32_t id : ids) stream << detokenizer.Append(id);
//   stream << detokenizer.Flush();
//
// All texts together equal tokenizer->Decode(ids); special tokens are skipped.
//
// Thread-safety: none; one sequence, one thread at a time.
// Ownership: shares the tokenizer.
// Errors: none; bytes that are no UTF-8 become U+FFFD.
class IncrementalDetokenizer {
 public:
  explicit IncrementalDetokenizer(std::shared_ptr<const Tokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)), decoder_(tokenizer_->decoding_rules()) {}

  // The text that `id` completes; possibly empty.
  std::string Append(int32_t id);

  // What is still held back, as U+FFFD; the detokenizer is then as new.
  std::string Flush();

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  TokenDecoder decoder_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_DETOKENIZER_H_
