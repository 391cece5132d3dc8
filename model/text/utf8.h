// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_UTF8_H_
#define MRMLLM_MODEL_TEXT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mrmllm {

// What the bytes at the start of a text are, by the Unicode standard's "maximal subpart" rule.
// Python's bytes.decode("utf-8", errors="replace") and Rust's String::from_utf8_lossy follow the
// same rule.
struct Utf8Prefix {
  enum class Kind {
    kCharacter,   // one well-formed character of `length` bytes
    kInvalid,     // `length` bytes that one U+FFFD stands for
    kIncomplete,  // the whole text (`length` bytes) is the beginning of a character
  };
  Kind kind;
  size_t length;  // [1, 4]
};

// REQUIRES: `text` is not empty.
Utf8Prefix ReadUtf8Prefix(std::string_view text);

// Appends `bytes` to `out`, each invalid part replaced by U+FFFD. An incomplete character at the
// end is replaced too, unless `incomplete_tail` is given: then it is stored there instead (at most
// 3 bytes).
void AppendReplacingInvalidUtf8(std::string_view bytes, std::string& out,
                                std::string* incomplete_tail = nullptr);

// `bytes` with each invalid part replaced by U+FFFD; valid UTF-8 comes back unchanged.
std::string ReplaceInvalidUtf8(std::string_view bytes);

// The code point of the well-formed character that begins at `text[offset]`; `offset` is moved
// behind it. REQUIRES: `text` is valid UTF-8 and `offset` is at a character's first byte.
char32_t DecodeUtf8(std::string_view text, size_t& offset);

// Appends the UTF-8 form of `code_point`. REQUIRES: a Unicode scalar value.
void AppendUtf8(char32_t code_point, std::string& out);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_UTF8_H_
