// SPDX-License-Identifier: Apache-2.0
#include "model/vision/pixel_normalization.h"

#include <array>
#include <cstring>
#include <vector>

#include "model/language/kernels/parallel_for.h"

namespace mrmllm {
namespace {

void CheckSameSize(const Image& image, const Image& first) {
  TORCH_CHECK(image.width == first.width && image.height == first.height &&
                  image.pixels.size() == first.pixels.size(),
              "images of one batch: expected ", first.width, " x ", first.height, ", got ",
              image.width, " x ", image.height);
}

// The normalised value of every byte, by source channel: there are only 256, so the arithmetic and
// the rounding to T are done once and a picture is one pass of look-ups.
template <typename T>
using ByteValues = std::array<std::array<T, 256>, 3>;

template <typename T>
ByteValues<T> TabulateBytes(const PixelNormalization& normalization, bool bgr) {
  ByteValues<T> values;
  for (int channel = 0; channel < 3; ++channel) {
    const auto mean = static_cast<float>(normalization.mean[channel]);
    const auto std = static_cast<float>(normalization.std[channel]);
    for (int byte = 0; byte < 256; ++byte) {
      values[bgr ? 2 - channel : channel][byte] =
          static_cast<T>((static_cast<float>(byte) - mean) / std);
    }
  }
  return values;
}

template <typename T>
void Normalize(absl::Span<const uint8_t* const> images, int64_t pixel_count,
               const PixelNormalization& normalization, T* to) {
  constexpr int64_t kGrain = 8192;  // pixels a thread is worth waking for
  const bool bgr = normalization.channel_order == "BGR";
  const ByteValues<T> values = TabulateBytes<T>(normalization, bgr);
  const int first = bgr ? 2 : 0;
  for (const uint8_t* image : images) {
    kernels::ParallelFor(0, pixel_count, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const uint8_t* from = image + 3 * i;
        to[3 * i + first] = values[0][from[0]];
        to[3 * i + 1] = values[1][from[1]];
        to[3 * i + 2 - first] = values[2][from[2]];
      }
    });
    to += 3 * pixel_count;
  }
}

at::Tensor NormalizeOnCpu(absl::Span<const uint8_t* const> images, int64_t height, int64_t width,
                          const PixelNormalization& normalization,
                          const at::TensorOptions& options) {
  const bool bf16 = options.dtype() == at::kBFloat16;
  at::Tensor values = at::empty({static_cast<int64_t>(images.size()), 3, height, width},
                                at::TensorOptions(bf16 ? at::kBFloat16 : at::kFloat)
                                    .memory_format(at::MemoryFormat::ChannelsLast));
  if (bf16) {
    Normalize(images, height * width, normalization, values.data_ptr<at::BFloat16>());
  } else {
    Normalize(images, height * width, normalization, values.data_ptr<float>());
  }
  return values.to(options.dtype());
}

}  // namespace

at::Tensor StackPixels(absl::Span<const Image* const> images, bool pinned) {
  const Image& first = *images.front();
  at::Tensor pixels = at::empty({static_cast<int64_t>(images.size()), first.height, first.width, 3},
                                at::TensorOptions(at::kByte).pinned_memory(pinned));
  uint8_t* to = pixels.data_ptr<uint8_t>();
  for (const Image* image : images) {
    CheckSameSize(*image, first);
    std::memcpy(to, image->pixels.data(), image->pixels.size());
    to += image->pixels.size();
  }
  return pixels;
}

at::Tensor NormalizePixels(const at::Tensor& pixels, const PixelNormalization& normalization,
                           const at::TensorOptions& options) {
  if (options.device().is_cpu()) {
    const at::Tensor bytes = pixels.contiguous();
    std::vector<const uint8_t*> images;
    for (int64_t i = 0; i < bytes.size(0); ++i) images.push_back(bytes[i].data_ptr<uint8_t>());
    return NormalizeOnCpu(images, pixels.size(1), pixels.size(2), normalization, options);
  }
  const at::Tensor bytes = pixels.to(options.device(), /*non_blocking=*/true);
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

at::Tensor NormalizeImages(absl::Span<const Image* const> images,
                           const PixelNormalization& normalization,
                           const at::TensorOptions& options) {
  if (!options.device().is_cpu()) {
    return NormalizePixels(StackPixels(images, /*pinned=*/true), normalization, options);
  }
  const Image& first = *images.front();
  std::vector<const uint8_t*> pixels;
  for (const Image* image : images) {
    CheckSameSize(*image, first);
    pixels.push_back(image->pixels.data());
  }
  return NormalizeOnCpu(pixels, first.height, first.width, normalization, options);
}

}  // namespace mrmllm
