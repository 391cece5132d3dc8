// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_PICTURE_FILE_H_
#define MRMLLM_CLIENT_DRAW_PICTURE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "opencv2/core/mat.hpp"

namespace mrmllm {

// The picture as the server sees it: EXIF orientation applied, alpha laid over white, 8 bits, BGR.
// INVALID_ARGUMENT when OpenCV cannot read the bytes.
absl::StatusOr<cv::Mat> DecodePicture(absl::string_view bytes);

// Writes JPEG or PNG, as the ending of `path` says.
absl::Status WritePicture(const std::string& path, const cv::Mat& picture);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_PICTURE_FILE_H_
