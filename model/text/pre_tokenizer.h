// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_PRE_TOKENIZER_H_
#define MRMLLM_MODEL_TEXT_PRE_TOKENIZER_H_

#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

#include "model/text/split_spans.h"
#include "model/text/unicode_regex.h"

namespace mrmllm {

// Splits text into the words that byte-pair encoding then works on; no merge crosses a word's
// border.
//
//   splitter.Split("a word", [&](std::string_view word) { encoder.Encode(word, ids); });
//
// Thread-safety: immutable; any thread.
// Ownership: a word points into the text or into a buffer that lives as long as the call to `emit`.
// Errors: none. REQUIRES: text is valid UTF-8.
class PreTokenizer {
 public:
  using Emit = absl::FunctionRef<void(std::string_view)>;

  virtual ~PreTokenizer() = default;
  virtual void Split(std::string_view text, Emit emit) const = 0;
};

// Digits: numbers (Unicode category N) apart from the rest; with `individual_digits` each one on
// its own.
std::unique_ptr<const PreTokenizer> MakeDigitsPreTokenizer(bool individual_digits);

// Split: at the matches of a pattern, or, with `invert`, at what lies between them.
std::unique_ptr<const PreTokenizer> MakePatternPreTokenizer(UnicodeRegex pattern,
                                                            SplitBehavior behavior, bool invert);

// ByteLevel: with `add_prefix_space` a text that does not begin with a space gets one; then split
// by GPT-2's regular expression, unless `use_regex` is false. The spelling of bytes as characters
// is left out: words stay bytes.
std::unique_ptr<const PreTokenizer> MakeByteLevelPreTokenizer(bool add_prefix_space,
                                                              bool use_regex);

// Sequence: each stage splits the words of the one before it.
std::unique_ptr<const PreTokenizer> MakeSequencePreTokenizer(
    std::vector<std::unique_ptr<const PreTokenizer>> stages);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_PRE_TOKENIZER_H_
