// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_IMAGE_HEADER_H_
#define MRMLLM_SERVER_IMAGE_DECODING_IMAGE_HEADER_H_

#include <string_view>

#include "absl/status/statusor.h"

namespace mrmllm {

struct ImageSize {
  int width = 0;   // pixels
  int height = 0;  // pixels

  bool operator==(const ImageSize&) const = default;
};

enum class ImageKind { kJpeg, kPng, kWebp, kBmp };

const char* ImageKindName(ImageKind kind);

// What an encoded image says of itself.
struct ImageHeader {
  ImageKind kind = ImageKind::kJpeg;
  int width = 0;        // pixels as stored, >= 1
  int height = 0;       // pixels as stored, >= 1
  int orientation = 1;  // EXIF, [1, 8]: how the stored pixels are turned for display

  // The size as displayed: orientations 5 to 8 swap the sides.
  ImageSize displayed() const {
    return orientation >= 5 ? ImageSize{height, width} : ImageSize{width, height};
  }
};

// Reads the header of a JPEG, PNG, WebP or BMP without decoding a pixel or allocating memory; the
// kind is told by the bytes alone. Only the chunks' heads are visited, so it costs microseconds
// whatever size the header claims.
//
//   ASSIGN_OR_RETURN(ImageHeader header, ReadImageHeader(bytes));
//
// Thread-safety: safe.
// Errors: INVALID_ARGUMENT: another kind, cut off, a side of 0, or an animated WebP.
absl::StatusOr<ImageHeader> ReadImageHeader(std::string_view bytes);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_IMAGE_HEADER_H_
