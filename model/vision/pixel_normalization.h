// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_VISION_PIXEL_NORMALIZATION_H_
#define MRMLLM_MODEL_VISION_PIXEL_NORMALIZATION_H_

#include <torch/torch.h>

#include "absl/types/span.h"

#include "base/image.h"
#include "model/config.h"

namespace mrmllm {

// Stacks RGB images of one size: -> uint8 [B, S, S, 3] on the CPU, a copy. REQUIRES: not empty, all
// of one size. `pinned` memory is what a device can copy from while the CPU goes on.
at::Tensor StackPixels(absl::Span<const Image* const> images, bool pinned = false);

// (x - mean) / std of each channel, in the configured channel order, computed in float32 on the
// parameters' device: uint8 RGB [B, S, S, 3] -> [B, 3, S, S], channels last, with `options`' dtype
// and device.
at::Tensor NormalizePixels(const at::Tensor& pixels, const PixelNormalization& normalization,
                           const at::TensorOptions& options);

// The same for images of one size, without a copy of their bytes on a CPU; on another device the
// bytes travel, pinned, without waiting. REQUIRES: as StackPixels.
at::Tensor NormalizeImages(absl::Span<const Image* const> images,
                           const PixelNormalization& normalization,
                           const at::TensorOptions& options);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_VISION_PIXEL_NORMALIZATION_H_
