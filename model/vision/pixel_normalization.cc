// SPDX-License-Identifier: Apache-2.0
#include "model/vision/pixel_normalization.h"

#include <cstring>

namespace mrmllm {

at::Tensor StackPixels(absl::Span<const Image* const> images) {
  const Image& first = *images.front();
  at::Tensor pixels =
      at::empty({static_cast<int64_t>(images.size()), first.height, first.width, 3}, at::kByte);
  uint8_t* to = pixels.data_ptr<uint8_t>();
  for (const Image* image : images) {
    TORCH_CHECK(image->width == first.width && image->height == first.height &&
                    image->pixels.size() == first.pixels.size(),
                "images of one batch: expected ", first.width, " x ", first.height, ", got ",
                image->width, " x ", image->height);
    std::memcpy(to, image->pixels.data(), image->pixels.size());
    to += image->pixels.size();
  }
  return pixels;
}

at::Tensor NormalizePixels(const at::Tensor& pixels, const PixelNormalization& normalization,
                           const at::TensorOptions& options) {
  const at::Tensor bytes = pixels.to(options.device());
  const bool bgr = normalization.channel_order == "BGR";
  // Planes first: each channel is then one long vector operation.
  at::Tensor values =
      at::empty({pixels.size(0), 3, pixels.size(1), pixels.size(2)}, options.dtype(at::kFloat));
  for (int64_t channel = 0; channel < 3; ++channel) {
    at::Tensor plane = values.select(1, channel);
    plane.copy_(bytes.select(3, bgr ? 2 - channel : channel));
    plane.sub_(normalization.mean[channel]).div_(normalization.std[channel]);
  }
  return values.to(options.dtype()).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace mrmllm
