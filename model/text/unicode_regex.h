// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_UNICODE_REGEX_H_
#define MRMLLM_MODEL_TEXT_UNICODE_REGEX_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace mrmllm {

// Half-open range of byte offsets in a text.
struct ByteRange {
  size_t begin;
  size_t end;

  bool operator==(const ByteRange&) const = default;
};

// A regular expression with look-ahead and Unicode classes (\p{L}, \s ...), as tokenizer.json files
// use them.
//
//   ASSIGN_OR_RETURN(UnicodeRegex words, UnicodeRegex::Create("\\p{L}+"));
//   std::vector<ByteRange> found = words.FindAll("two words");
//
// Thread-safety: immutable; any thread.
// Ownership: a value; copies share the compiled pattern.
// Errors: Create returns INVALID_ARGUMENT with the pattern and the place in it that is not
// understood.
class UnicodeRegex {
 public:
  static absl::StatusOr<UnicodeRegex> Create(std::string_view pattern);

  // All matches from left to right, not overlapping. REQUIRES: `text` is valid UTF-8.
  std::vector<ByteRange> FindAll(std::string_view text) const;

 private:
  struct Compiled;
  explicit UnicodeRegex(std::shared_ptr<const Compiled> compiled)
      : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_UNICODE_REGEX_H_
