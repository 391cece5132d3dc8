// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/image_decoder.h"

#include <algorithm>
#include <new>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "server/image_decoding/input_resizing.h"
#include "server/image_decoding/jpeg_markers.h"
#include "server/image_decoding/pixel_conversion.h"
#include "server/image_decoding/png_chunks.h"

namespace mrmllm {
namespace {

// By how much a JPEG's sides may shrink while it is decoded, which is far cheaper than decoding all
// of it: 1, 2, 4 or 8, so that the longer side keeps at least `needed_side` pixels.
int Reduction(const ImageHeader& header, int needed_side) {
  if (header.kind != ImageKind::kJpeg) return 1;
  int reduction = 8;
  while (reduction > 1 && std::max(header.width, header.height) / reduction < needed_side) {
    reduction /= 2;
  }
  return reduction;
}

int ReadFlags(ImageKind kind, int reduction) {
  // Only "unchanged" keeps alpha and 16 bits. JPEG has neither and must be asked for colour, or
  // CMYK is not converted; the fourth byte of a BMP pixel is rarely meant as alpha.
  if (kind == ImageKind::kPng || kind == ImageKind::kWebp) return cv::IMREAD_UNCHANGED;
  int flags = cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
  if (reduction == 2) flags |= cv::IMREAD_REDUCED_COLOR_2;
  if (reduction == 4) flags |= cv::IMREAD_REDUCED_COLOR_4;
  if (reduction == 8) flags |= cv::IMREAD_REDUCED_COLOR_8;
  return flags;
}

// The one place where OpenCV's exceptions end. `function` returns a Status or StatusOr.
template <typename Function>
auto CatchOpenCv(Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      return absl::ResourceExhaustedError("not enough memory to decode the image");
    }
    return absl::InvalidArgumentError(
        absl::StrCat("expected a readable image, but decoding failed: ", error.err));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("not enough memory to decode the image");
  }
}

absl::StatusOr<cv::Mat> Decode(std::string_view bytes, const ImageHeader& header, int reduction) {
  std::string bare;
  if (header.kind == ImageKind::kPng) bare = WithoutCompressedMetadata(bytes);
  if (!bare.empty()) bytes = bare;
  // OpenCV only reads it, but has no const view.
  const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  cv::Mat decoded = cv::imdecode(file, ReadFlags(header.kind, reduction));
  if (decoded.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("expected a readable ",
                                                   ImageKindName(header.kind),
                                                   ", got one that is damaged or cut off"));
  }
  const auto reduced = [reduction](int side) { return (side + reduction - 1) / reduction; };
  if (decoded.cols != reduced(header.width) || decoded.rows != reduced(header.height)) {
    return absl::InvalidArgumentError(absl::StrCat("expected the ", header.width, " x ",
                                                   header.height, " pixels of the header, got ",
                                                   decoded.cols, " x ", decoded.rows));
  }
  return decoded;
}

struct InputSpecs {
  const ImageSpec& detector;
  const ImageSpec& encoder;
  int max_detail_side;
};

// `displayed` is the picture of `size`, or a smaller copy of it.
std::shared_ptr<const ImageInput> MakeInput(const cv::Mat& displayed, const ImageSize& size,
                                            PixelFormat format, const InputSpecs& specs) {
  auto input = std::make_shared<ImageInput>();
  input->width = size.width;
  input->height = size.height;
  ResizedInput detector = ResizeToInput(displayed, specs.detector);
  detector.geometry.scale_x *= static_cast<float>(displayed.cols) / static_cast<float>(size.width);
  detector.geometry.scale_y *= static_cast<float>(displayed.rows) / static_cast<float>(size.height);
  input->detector_pixels = ToImage(detector.pixels, format);
  input->detector_geometry = detector.geometry;
  input->encoder_pixels = ToImage(ResizeToInput(displayed, specs.encoder).pixels, format);
  input->detail = ToImage(ShrinkToSide(displayed, specs.max_detail_side), format);
  return input;
}

PixelFormat FormatOf(RawPixels::Format format) {
  switch (format) {
    case RawPixels::Format::kRgb:
      return PixelFormat::kRgb;
    case RawPixels::Format::kBgr:
      return PixelFormat::kBgr;
    case RawPixels::Format::kGray:
      return PixelFormat::kGray;
  }
  return PixelFormat::kRgb;
}

absl::Status CheckBytes(size_t bytes, int64_t max_bytes) {
  if (static_cast<int64_t>(bytes) <= max_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected at most ", max_bytes, " bytes, got ", bytes));
}

}  // namespace

ImageDecoder::ImageDecoder(const ImageLimits& limits, const ImageSpec& detector,
                           const ImageSpec& encoder, int max_detail_side)
    : limits_(limits), detector_(detector), encoder_(encoder), max_detail_side_(max_detail_side) {
  [[maybe_unused]] static const bool single_threaded = [] {
    cv::setNumThreads(1);
    return true;
  }();
}

absl::Status ImageDecoder::CheckSize(int width, int height) const {
  if (width > limits_.max_side || height > limits_.max_side) {
    return absl::InvalidArgumentError(absl::StrCat("expected sides of at most ", limits_.max_side,
                                                   " pixels, got ", width, " x ", height));
  }
  if (int64_t{width} * height > limits_.max_pixels) {
    return absl::InvalidArgumentError(absl::StrCat("expected at most ", limits_.max_pixels,
                                                   " pixels, got ", width, " x ", height, " = ",
                                                   int64_t{width} * height));
  }
  return absl::OkStatus();
}

absl::StatusOr<ImageHeader> ImageDecoder::CheckHeader(std::string_view bytes) const {
  RETURN_IF_ERROR(CheckBytes(bytes.size(), limits_.max_bytes));
  ASSIGN_OR_RETURN(ImageHeader header, ReadImageHeader(bytes));
  RETURN_IF_ERROR(CheckSize(header.width, header.height));
  return header;
}

absl::StatusOr<ImageSize> ImageDecoder::CheckEncoded(std::string_view bytes) const {
  ASSIGN_OR_RETURN(const ImageHeader header, CheckHeader(bytes));
  return header.displayed();
}

absl::StatusOr<std::shared_ptr<const ImageInput>> ImageDecoder::DecodeEncoded(
    std::string_view bytes) const {
  ASSIGN_OR_RETURN(const ImageHeader header, CheckHeader(bytes));
  if (header.kind == ImageKind::kJpeg) {
    RETURN_IF_ERROR(CheckJpegComplete(bytes, {.width = header.width, .height = header.height}));
  }
  return CatchOpenCv([&]() -> absl::StatusOr<std::shared_ptr<const ImageInput>> {
    const int needed = std::max({max_detail_side_, detector_.size, encoder_.size});
    ASSIGN_OR_RETURN(cv::Mat pixels, Decode(bytes, header, Reduction(header, needed)));
    pixels = ApplyOrientation(ToEightBitOpaque(pixels), header.orientation);
    const PixelFormat format = pixels.channels() == 1 ? PixelFormat::kGray : PixelFormat::kBgr;
    return MakeInput(pixels, header.displayed(), format, {detector_, encoder_, max_detail_side_});
  });
}

absl::Status ImageDecoder::CheckRaw(const RawPixels& raw) const {
  RETURN_IF_ERROR(CheckBytes(raw.pixels.size(), limits_.max_bytes));
  if (raw.width < 1 || raw.height < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected sides of at least 1 pixel, got ", raw.width, " x ", raw.height));
  }
  RETURN_IF_ERROR(CheckSize(raw.width, raw.height));
  const int64_t row_bytes = int64_t{raw.width} * ChannelCount(FormatOf(raw.format));
  if (raw.row_stride_bytes != 0 && raw.row_stride_bytes < row_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("expected a row stride of 0 or at least ",
                                                   row_bytes, " bytes, got ",
                                                   raw.row_stride_bytes));
  }
  const int64_t stride = raw.row_stride_bytes == 0 ? row_bytes : raw.row_stride_bytes;
  const int64_t needed = stride * (raw.height - 1) + row_bytes;
  if (static_cast<int64_t>(raw.pixels.size()) < needed) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at least ", needed, " bytes for ", raw.width, " x ", raw.height,
                     " pixels in rows of ", stride, " bytes, got ", raw.pixels.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ImageInput>> ImageDecoder::DecodeRaw(
    const RawPixels& raw) const {
  RETURN_IF_ERROR(CheckRaw(raw));
  return CatchOpenCv([&]() -> absl::StatusOr<std::shared_ptr<const ImageInput>> {
    const PixelFormat format = FormatOf(raw.format);
    const size_t stride = raw.row_stride_bytes == 0
                              ? static_cast<size_t>(raw.width) * ChannelCount(format)
                              : static_cast<size_t>(raw.row_stride_bytes);
    // A single row may come with a stride that is longer than the bytes; OpenCV never reads it.
    const cv::Mat pixels(raw.height, raw.width, CV_8UC(ChannelCount(format)),
                         const_cast<char*>(raw.pixels.data()), stride);
    return MakeInput(pixels, {raw.width, raw.height}, format,
                     {detector_, encoder_, max_detail_side_});
  });
}

}  // namespace mrmllm
