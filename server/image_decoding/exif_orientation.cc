// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/exif_orientation.h"

#include <cstddef>
#include <cstdint>

#include "server/image_decoding/byte_view.h"

namespace mrmllm {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShortType = 3;
constexpr size_t kEntryBytes = 12;
constexpr int kUpright = 1;

}  // namespace

int ReadExifOrientation(std::string_view tiff) {
  const ByteView view(tiff);
  const bool little = view.HasText(0, "II");
  if (!little && !view.HasText(0, "MM")) return kUpright;
  const auto read16 = [&](size_t at) {
    return little ? view.LittleEndian16(at) : view.BigEndian16(at);
  };
  const size_t directory = little ? view.LittleEndian32(4) : view.BigEndian32(4);
  const size_t count = read16(directory);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (!view.Has(entry, kEntryBytes)) break;
    if (read16(entry) != kOrientationTag || read16(entry + 2) != kShortType) continue;
    const uint32_t value = read16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

}  // namespace mrmllm
