// SPDX-License-Identifier: Apache-2.0
#include "client/bench/unique_image.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

constexpr absl::string_view kJpegStart = "\xFF\xD8";
constexpr absl::string_view kPngSignature = "\x89PNG\r\n\x1A\n";
// The signature and the first chunk, IHDR: length, type, 13 bytes, checksum.
constexpr size_t kPngHeaderBytes = 8 + 4 + 4 + 13 + 4;

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xFF);
  }
  return text;
}

uint32_t Crc32(absl::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string JpegComment(absl::string_view text) {
  return absl::StrCat("\xFF\xFE", BigEndian(static_cast<uint32_t>(text.size() + 2), 2), text);
}

std::string PngText(absl::string_view text) {
  const std::string body = absl::StrCat("tEXtComment", absl::string_view("\0", 1), text);
  return absl::StrCat(BigEndian(static_cast<uint32_t>(body.size() - 4), 4), body,
                      BigEndian(Crc32(body), 4));
}

}  // namespace

std::string WithMark(absl::string_view image, absl::string_view mark) {
  const auto insert = [&](size_t at, const std::string& piece) {
    return absl::StrCat(image.substr(0, at), piece, image.substr(at));
  };
  if (absl::StartsWith(image, kJpegStart)) return insert(kJpegStart.size(), JpegComment(mark));
  if (absl::StartsWith(image, kPngSignature) && image.size() >= kPngHeaderBytes) {
    return insert(kPngHeaderBytes, PngText(mark));
  }
  // A WebP or BMP file says how long it is; readers leave alone what follows.
  return absl::StrCat(image, mark);
}

}  // namespace mrmllm
