// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_IMAGE_DECODER_H_
#define MRMLLM_SERVER_IMAGE_DECODING_IMAGE_DECODER_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/image.h"
#include "server/image_decoding/image_header.h"

namespace mrmllm {

// What an image may cost, at most; each is inclusive.
struct ImageLimits {
  int64_t max_bytes = 0;   // of the encoded file or of the raw pixels
  int64_t max_pixels = 0;  // width x height
  int max_side = 0;        // pixels
};

// Pixels as they lie in memory, rows from top to bottom, 8 bits a channel.
struct RawPixels {
  enum class Format { kRgb, kBgr, kGray };

  std::string_view pixels;   // at least stride * (height - 1) + width * channels bytes
  int width = 0;             // pixels, [1, max_side]
  int height = 0;            // pixels, [1, max_side]
  int row_stride_bytes = 0;  // 0: rows without padding; else at least width * channels
  Format format = Format::kRgb;
};

// Turns an image from outside into the model's inputs, within limits. The header is checked first:
// nothing is allocated for an image that claims to be too large.
//
//   const ImageDecoder decoder(limits, info.detector_input, info.encoder_input,
//                              info.max_detail_side);
//   ASSIGN_OR_RETURN(ImageSize size, decoder.CheckEncoded(bytes));   // before admission
//   ASSIGN_OR_RETURN(auto input, decoder.DecodeEncoded(bytes));      // on the decode pool
//
// EXIF orientation is applied; 16-bit, grey, palette, alpha and CMYK pictures become 8-bit RGB,
// alpha over white. A JPEG much larger than `max_detail_side` is decoded smaller. Colour profiles
// are not applied. A file that ends too early is refused, not completed with grey; damage inside
// the pixels that the codec can bridge is not noticed.
//
// Thread-safety: const, safe for concurrent use. The first construction sets OpenCV, process-wide,
// to one thread a call: the decode pool is the parallelism.
// Ownership: keeps no reference to the bytes.
// Errors: INVALID_ARGUMENT for whatever is wrong with the image, RESOURCE_EXHAUSTED when memory is
// short. Messages name no field: the caller puts "images[2].content: " before them.
class ImageDecoder {
 public:
  ImageDecoder(const ImageLimits& limits, const ImageSpec& detector, const ImageSpec& encoder,
               int max_detail_side);

  // The size as displayed, by the header alone.
  absl::StatusOr<ImageSize> CheckEncoded(std::string_view bytes) const;
  absl::StatusOr<std::shared_ptr<const ImageInput>> DecodeEncoded(std::string_view bytes) const;

  absl::Status CheckRaw(const RawPixels& raw) const;
  absl::StatusOr<std::shared_ptr<const ImageInput>> DecodeRaw(const RawPixels& raw) const;

 private:
  absl::StatusOr<ImageHeader> CheckHeader(std::string_view bytes) const;
  absl::Status CheckSize(int width, int height) const;

  const ImageLimits limits_;
  const ImageSpec detector_;
  const ImageSpec encoder_;
  const int max_detail_side_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_IMAGE_DECODER_H_
