// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/png_chunks.h"

#include <algorithm>
#include <cstddef>

#include "server/image_decoding/byte_view.h"

namespace mrmllm {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kFrameBytes = 12;  // of a chunk: length, name and checksum
constexpr size_t kNameBytes = 4;

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// Calls `visit(name, chunk)` for every whole chunk; tells where they end.
template <typename Visit>
size_t ForEachChunk(std::string_view png, Visit visit) {
  const ByteView view(png);
  size_t position = kSignatureBytes;
  while (view.Has(position, kFrameBytes)) {
    const size_t bytes = kFrameBytes + view.BigEndian32(position);
    if (!view.Has(position, bytes)) break;
    visit(png.substr(position + kNameBytes, kNameBytes), png.substr(position, bytes));
    position += bytes;
  }
  return position;
}

}  // namespace

std::string WithoutCompressedMetadata(std::string_view png) {
  bool compressed = false;
  ForEachChunk(png, [&](std::string_view name, std::string_view) {
    compressed = compressed || IsOneOf(name, {"zTXt", "iTXt", "iCCP"});
  });
  if (!compressed) return "";
  std::string kept(png.substr(0, kSignatureBytes));
  const size_t end = ForEachChunk(png, [&](std::string_view name, std::string_view chunk) {
    if (IsOneOf(name, {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"})) kept.append(chunk);
  });
  // A chunk that is cut off stays what it is: the decoder says so.
  kept.append(png.substr(end));
  return kept;
}

}  // namespace mrmllm
