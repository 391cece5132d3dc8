// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_NORMALIZER_H_
#define MRMLLM_MODEL_TEXT_NORMALIZER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/text/unicode_regex.h"

namespace mrmllm {

// Rewrites text before it is split into words. A text is what lies between two added tokens, each
// on its own.
//
//   const auto normalizer = MakeReplaceNormalizer(" ", "_");
//   normalizer->Normalize("a b");   // "a_b"
//
// Thread-safety: immutable; any thread.
// Ownership: owns its tables.
// Errors: none. REQUIRES: text is valid UTF-8; what comes out is too.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual std::string Normalize(std::string_view text) const = 0;
};

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };

// A Unicode normalization form, by the data of the Unicode version that Hugging Face's
// implementation has: characters that are younger stay as they are.
std::unique_ptr<const Normalizer> MakeUnicodeNormalizer(UnicodeForm form);

// Prepend: `prefix` in front of every text that is not empty.
std::unique_ptr<const Normalizer> MakePrependNormalizer(std::string prefix);

// Replace: `content` for every occurrence of `pattern` (not empty), from left to right.
std::unique_ptr<const Normalizer> MakeReplaceNormalizer(std::string pattern, std::string content);

// The same with a regular expression, which must not match an empty text.
std::unique_ptr<const Normalizer> MakeReplaceNormalizer(UnicodeRegex pattern, std::string content);

// Sequence: one after the other.
std::unique_ptr<const Normalizer> MakeSequenceNormalizer(
    std::vector<std::unique_ptr<const Normalizer>> stages);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_NORMALIZER_H_
