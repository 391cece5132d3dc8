// SPDX-License-Identifier: Apache-2.0
#include "model/text/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "model/text/utf8.h"

namespace mrmllm {
namespace {

constexpr int kCharacterCount = 256 + 68;  // 68 bytes have no printable character of their own

struct Alphabet {
  std::array<char32_t, 256> character_of_byte{};
  std::array<int16_t, kCharacterCount> byte_of_character{};
};

constexpr bool IsPrintable(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr Alphabet MakeAlphabet() {
  Alphabet alphabet;
  for (int16_t& byte : alphabet.byte_of_character) byte = -1;
  char32_t next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t character = IsPrintable(byte) ? static_cast<char32_t>(byte) : next++;
    alphabet.character_of_byte[byte] = character;
    alphabet.byte_of_character[character] = static_cast<int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = MakeAlphabet();

}  // namespace

std::optional<std::string> BytesFromSpelling(std::string_view spelling) {
  std::string bytes;
  for (size_t offset = 0; offset < spelling.size();) {
    const char32_t character = DecodeUtf8(spelling, offset);
    if (character >= kCharacterCount || kAlphabet.byte_of_character[character] < 0) {
      return std::nullopt;
    }
    bytes += static_cast<char>(kAlphabet.byte_of_character[character]);
  }
  return bytes;
}

std::string SpellingFromBytes(std::string_view bytes) {
  std::string spelling;
  for (const char byte : bytes) {
    AppendUtf8(kAlphabet.character_of_byte[static_cast<uint8_t>(byte)], spelling);
  }
  return spelling;
}

}  // namespace mrmllm
