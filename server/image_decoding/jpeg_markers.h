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
// would look at that grey. INVALID_ARGUMENT without an end marker, or with more than 100 scans (no
// encoder writes them; each costs a pass over the picture). Bytes after the end marker are allowed.
// REQUIRES: ReadJpegFrame(bytes) is OK.
absl::Status CheckJpegComplete(std::string_view bytes);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_JPEG_MARKERS_H_
