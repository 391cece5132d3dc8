// SPDX-License-Identifier: Apache-2.0
// Encoded images of every kind: the header, the codecs behind it and what is made of the pixels.
#include <algorithm>

#include "server/image_decoding/image_decoder.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

// Small enough that an input costs little, large enough that a JPEG may be decoded reduced.
constexpr int kMaxPixels = 128 * 1024;
constexpr int kMaxDetailSide = 64;

void CheckPixels(const Image& image) {
  FuzzCheck(image.width >= 1 && image.height >= 1, "an image has pixels");
  FuzzCheck(image.pixels.size() == size_t{3} * image.width * image.height, "three bytes a pixel");
}

void DecodeAnything(std::string_view bytes) {
  static const ImageDecoder& decoder = *new ImageDecoder(
      {.max_bytes = 1 << 16, .max_pixels = kMaxPixels, .max_side = 2048},
      {.size = 32, .resize = ImageSpec::Resize::kLetterbox}, {.size = 24}, kMaxDetailSide);
  const auto size = decoder.CheckEncoded(bytes);
  const auto input = decoder.DecodeEncoded(bytes);
  if (!size.ok()) {
    FuzzCheck(!input.ok(), "what the header check refuses is not decoded");
    FuzzCheck(!size.status().message().empty(), "a refusal gives its reason");
    return;
  }
  FuzzCheck(int64_t{size->width} * size->height <= kMaxPixels, "limits hold");
  if (!input.ok()) return;
  FuzzCheck((*input)->width == size->width && (*input)->height == size->height,
            "the decoder agrees with the header");
  FuzzCheck((*input)->detector_pixels.width == 32 && (*input)->encoder_pixels.width == 24,
            "the model's inputs have their size");
  FuzzCheck(std::max((*input)->detail.width, (*input)->detail.height) <= kMaxDetailSide,
            "the detail is bounded");
  CheckPixels((*input)->detector_pixels);
  CheckPixels((*input)->encoder_pixels);
  CheckPixels((*input)->detail);
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::DecodeAnything(mrmllm::FuzzText(data, size));
  return 0;
}
