// SPDX-License-Identifier: Apache-2.0
#include "client/draw/picture_file.h"

#include "absl/strings/str_cat.h"
#include "opencv2/core.hpp"
#include "opencv2/imgcodecs.hpp"
#include "opencv2/imgproc.hpp"

namespace mrmllm {
namespace {

constexpr int kJpegQuality = 93;

// [height, width, 4] to [height, width, 3].
cv::Mat OverWhite(const cv::Mat& with_alpha) {
  cv::Mat picture(with_alpha.size(), CV_8UC3);
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const cv::Vec4b& from = with_alpha.at<cv::Vec4b>(y, x);
      cv::Vec3b& to = picture.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c) {
        to[c] = static_cast<uint8_t>((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
      }
    }
  }
  return picture;
}

}  // namespace

absl::StatusOr<cv::Mat> DecodePicture(absl::string_view bytes) {
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1,
                        const_cast<char*>(bytes.data()));
  try {
    cv::Mat picture = bytes.empty() ? cv::Mat() : cv::imdecode(encoded, cv::IMREAD_COLOR);
    if (picture.empty()) {
      return absl::InvalidArgumentError(
          "expected a picture to draw on, got bytes OpenCV cannot read");
    }
    // IMREAD_COLOR drops alpha, IMREAD_UNCHANGED ignores EXIF; JPEG has no alpha.
    if (bytes.substr(0, 2) == "\xFF\xD8") return picture;
    cv::Mat unchanged = cv::imdecode(encoded, cv::IMREAD_UNCHANGED);
    const bool alpha = unchanged.type() == CV_8UC4 && unchanged.size() == picture.size();
    return alpha ? OverWhite(unchanged) : picture;
  } catch (const cv::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("OpenCV: ", error.what()));
  }
}

absl::Status WritePicture(const std::string& path, const cv::Mat& picture) {
  try {
    if (cv::imwrite(path, picture, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality})) {
      return absl::OkStatus();
    }
  } catch (const cv::Exception& error) {
    return absl::UnavailableError(absl::StrCat("cannot write '", path, "': ", error.what()));
  }
  return absl::PermissionDeniedError(absl::StrCat("cannot write '", path, "'"));
}

}  // namespace mrmllm
