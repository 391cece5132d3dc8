// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_BYTE_ALPHABET_H_
#define MRMLLM_MODEL_TEXT_BYTE_ALPHABET_H_

#include <optional>
#include <string>
#include <string_view>

namespace mrmllm {

// The printable spelling of bytes that byte-level vocabularies use (from GPT-2): each of the 256
// bytes is written as one printable character, a space as U+0120. Files are written in it; in
// memory we keep the bytes themselves.

// The bytes that `spelling` (valid UTF-8) stands for; nothing if a character is not in the
// alphabet.
std::optional<std::string> BytesFromSpelling(std::string_view spelling);

// The spelling of `bytes`: the inverse of BytesFromSpelling.
std::string SpellingFromBytes(std::string_view bytes);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_BYTE_ALPHABET_H_
