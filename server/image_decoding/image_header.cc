// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/image_header.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/image_decoding/byte_view.h"
#include "server/image_decoding/exif_orientation.h"
#include "server/image_decoding/jpeg_markers.h"

namespace mrmllm {
namespace {

constexpr std::string_view kPngSignature("\x89PNG\r\n\x1A\n", 8);
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

absl::Status CutOff(ImageKind kind, std::string_view bytes) {
  return absl::InvalidArgumentError(absl::StrCat("expected a ", ImageKindName(kind),
                                                 " header, got one that is broken or cut off in ",
                                                 bytes.size(), " bytes"));
}

absl::StatusOr<ImageHeader> MakeHeader(ImageKind kind, int64_t width, int64_t height,
                                       int orientation) {
  constexpr int64_t kMax = std::numeric_limits<int>::max();
  if (width < 1 || height < 1 || width > kMax || height > kMax) {
    return absl::InvalidArgumentError(absl::StrCat("expected a ", ImageKindName(kind),
                                                   " with sides of at least 1 pixel, got ", width,
                                                   " x ", height));
  }
  return ImageHeader{kind, static_cast<int>(width), static_cast<int>(height), orientation};
}

absl::StatusOr<ImageHeader> ReadJpeg(std::string_view bytes) {
  ASSIGN_OR_RETURN(const JpegFrame frame, ReadJpegFrame(bytes));
  return MakeHeader(ImageKind::kJpeg, frame.width, frame.height, frame.orientation);
}

absl::StatusOr<ImageHeader> ReadPng(std::string_view bytes) {
  const ByteView view(bytes);
  if (!view.Has(0, 33) || !view.HasText(12, "IHDR") || view.BigEndian32(8) != 13) {
    return CutOff(ImageKind::kPng, bytes);
  }
  int orientation = 1;
  // A chunk is length, name, data, checksum; eXIf may stand before or after the pixels.
  size_t chunk = 33;
  while (view.Has(chunk, 12) && !view.HasText(chunk + 4, "IEND")) {
    const size_t length = view.BigEndian32(chunk);
    if (!view.Has(chunk + 8, length)) break;
    if (view.HasText(chunk + 4, "eXIf")) {
      orientation = ReadExifOrientation(bytes.substr(chunk + 8, length));
      break;
    }
    chunk += 12 + length;
  }
  return MakeHeader(ImageKind::kPng, view.BigEndian32(16), view.BigEndian32(20), orientation);
}

int WebpOrientation(std::string_view bytes) {
  const ByteView view(bytes);
  for (size_t chunk = 12; view.Has(chunk, 8);) {
    const size_t length = view.LittleEndian32(chunk + 4);
    if (!view.Has(chunk + 8, length)) break;
    if (view.HasText(chunk, "EXIF")) {
      std::string_view exif = bytes.substr(chunk + 8, length);
      // Some writers keep JPEG's prefix.
      if (exif.substr(0, kExifPrefix.size()) == kExifPrefix) exif.remove_prefix(kExifPrefix.size());
      return ReadExifOrientation(exif);
    }
    chunk += 8 + length + length % 2;
  }
  return 1;
}

absl::StatusOr<ImageHeader> ReadWebp(std::string_view bytes) {
  constexpr uint8_t kAnimationFlag = 0x02;
  constexpr uint8_t kExifFlag = 0x08;
  constexpr uint32_t k14Bits = 0x3FFF;
  const ByteView view(bytes);
  if (!view.Has(0, 30)) return CutOff(ImageKind::kWebp, bytes);
  if (view.HasText(12, "VP8 ") && view.HasText(23, "\x9D\x01\x2A")) {
    return MakeHeader(ImageKind::kWebp, view.LittleEndian16(26) & k14Bits,
                      view.LittleEndian16(28) & k14Bits, 1);
  }
  if (view.HasText(12, "VP8L") && view.Byte(20) == 0x2F) {
    const uint32_t packed = view.LittleEndian32(21);
    return MakeHeader(ImageKind::kWebp, (packed & k14Bits) + 1, (packed >> 14 & k14Bits) + 1, 1);
  }
  if (view.HasText(12, "VP8X")) {
    if ((view.Byte(20) & kAnimationFlag) != 0) {
      return absl::InvalidArgumentError("expected a still image, got an animated WebP");
    }
    const int orientation = (view.Byte(20) & kExifFlag) != 0 ? WebpOrientation(bytes) : 1;
    return MakeHeader(ImageKind::kWebp, int64_t{view.LittleEndian24(24)} + 1,
                      int64_t{view.LittleEndian24(27)} + 1, orientation);
  }
  return CutOff(ImageKind::kWebp, bytes);
}

absl::StatusOr<ImageHeader> ReadBmp(std::string_view bytes) {
  constexpr uint32_t kOs2HeaderBytes = 12;
  constexpr uint32_t kWindowsHeaderBytes = 40;
  const ByteView view(bytes);
  const uint32_t header_bytes = view.LittleEndian32(14);
  if (header_bytes == kOs2HeaderBytes && view.Has(14, kOs2HeaderBytes)) {
    return MakeHeader(ImageKind::kBmp, view.LittleEndian16(18), view.LittleEndian16(20), 1);
  }
  if (header_bytes >= kWindowsHeaderBytes && view.Has(14, kWindowsHeaderBytes)) {
    // A negative height means rows from top to bottom.
    const int64_t width = static_cast<int32_t>(view.LittleEndian32(18));
    const int64_t height = static_cast<int32_t>(view.LittleEndian32(22));
    return MakeHeader(ImageKind::kBmp, width, std::abs(height), 1);
  }
  return CutOff(ImageKind::kBmp, bytes);
}

}  // namespace

const char* ImageKindName(ImageKind kind) {
  switch (kind) {
    case ImageKind::kJpeg:
      return "JPEG";
    case ImageKind::kPng:
      return "PNG";
    case ImageKind::kWebp:
      return "WebP";
    case ImageKind::kBmp:
      return "BMP";
  }
  return "";
}

absl::StatusOr<ImageHeader> ReadImageHeader(std::string_view bytes) {
  const ByteView view(bytes);
  if (view.HasText(0, "\xFF\xD8\xFF")) return ReadJpeg(bytes);
  if (view.HasText(0, kPngSignature)) return ReadPng(bytes);
  if (view.HasText(0, "RIFF") && view.HasText(8, "WEBP")) return ReadWebp(bytes);
  if (view.HasText(0, "BM")) return ReadBmp(bytes);
  if (bytes.empty()) {
    return absl::InvalidArgumentError("expected JPEG, PNG, WebP or BMP, got no bytes");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected JPEG, PNG, WebP or BMP, got bytes starting with ",
                   absl::BytesToHexString(AbslView(bytes.substr(0, 8)))));
}

}  // namespace mrmllm
