// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_JPEG_MARKERS_H_
#define MRMLLM_SERVER_IMAGE_DECODING_JPEG_MARKERS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mrmllm {

// What a JPEG file says of itself before its first scan.
struct JpegFrame {
  int width = 0;        // pixels as stored, [1, 65535]
  int height = 0;       // pixels as stored, [1, 65535]
  int orientation = 1;  // EXIF, [1, 8]
};

// Reads the markers up to the first scan. INVALID_ARGUMENT when there is no frame or they are cut
// off. REQUIRES: `bytes` starts with FF D8.
absl::StatusOr<JpegFrame> ReadJpegFrame(std::string_view bytes);

// Whether the file is whole: libjpeg paints what is missing grey and only warns, and a detector
// would look at that grey. INVALID_ARGUMENT without an end marker, or with more scans than
// MaxJpegScans. Bytes after the end marker are allowed. REQUIRES: `frame` is ReadJpegFrame(bytes).
absl::Status CheckJpegComplete(std::string_view bytes, const JpegFrame& frame);

// The most scans that a picture of this size may have. Each costs a pass over the whole picture
// (about 0.8 ms a megapixel), however few bytes it has: 100 up to 4 megapixels, which no encoder
// writes, then fewer, so that all passes together see 400 megapixels, but never fewer than 20;
// progressive encoders write about 10.
int MaxJpegScans(const JpegFrame& frame);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_JPEG_MARKERS_H_
