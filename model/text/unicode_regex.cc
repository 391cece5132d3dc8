// SPDX-License-Identifier: Apache-2.0
#include "model/text/unicode_regex.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace mrmllm {

struct UnicodeRegex::Compiled {
  std::unique_ptr<const icu::RegexPattern> pattern;
};

absl::StatusOr<UnicodeRegex> UnicodeRegex::Create(std::string_view pattern) {
  const icu::UnicodeString unicode_pattern = icu::UnicodeString::fromUTF8(
      icu::StringPiece(pattern.data(), static_cast<int32_t>(pattern.size())));
  UParseError where;
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<const icu::RegexPattern> compiled(
      icu::RegexPattern::compile(unicode_pattern, 0, where, error));
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(absl::StrCat("regular expression '", std::string(pattern),
                                                   "': ", u_errorName(error), " at line ",
                                                   where.line, ", character ", where.offset));
  }
  auto shared = std::make_shared<Compiled>();
  shared->pattern = std::move(compiled);
  return UnicodeRegex(std::move(shared));
}

std::vector<ByteRange> UnicodeRegex::FindAll(std::string_view text) const {
  std::vector<ByteRange> found;
  UErrorCode error = U_ZERO_ERROR;
  UText utf8 = UTEXT_INITIALIZER;
  utext_openUTF8(&utf8, text.data(), static_cast<int64_t>(text.size()), &error);
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(error));
  if (U_SUCCESS(error)) {
    // Offsets of a UTF-8 UText are byte offsets: nothing to map back.
    matcher->reset(&utf8);
    while (matcher->find(error)) {
      found.push_back({static_cast<size_t>(matcher->start64(error)),
                       static_cast<size_t>(matcher->end64(error))});
    }
  }
  utext_close(&utf8);
  return found;
}

}  // namespace mrmllm
