// SPDX-License-Identifier: Apache-2.0
#include "model/vision/max_pool.h"

#include <algorithm>
#include <cstdint>

#include "model/language/kernels/parallel_for.h"

namespace mrmllm {
namespace {

// A bfloat16's bits as an integer of the same order, and back: integers have a vector maximum on
// every CPU. Numbers that are none come out as the largest or the smallest, not as themselves.
int16_t Ordered(int16_t bits) { return static_cast<int16_t>(bits ^ ((bits >> 15) & 0x7fff)); }

struct Rows {
  const int16_t* data;  // [height, width, channels] of one image
  int64_t height;
  int64_t width;
  int64_t channels;
};

void PoolPixel(const Rows& rows, int64_t y, int64_t x, int16_t* to) {
  std::fill_n(to, rows.channels, INT16_MIN);
  for (int64_t v = std::max<int64_t>(2 * y - 1, 0); v < std::min(2 * y + 2, rows.height); ++v) {
    for (int64_t u = std::max<int64_t>(2 * x - 1, 0); u < std::min(2 * x + 2, rows.width); ++u) {
      const int16_t* from = rows.data + (v * rows.width + u) * rows.channels;
      for (int64_t c = 0; c < rows.channels; ++c) to[c] = std::max(to[c], Ordered(from[c]));
    }
  }
  for (int64_t c = 0; c < rows.channels; ++c) to[c] = Ordered(to[c]);
}

}  // namespace

at::Tensor MaxPool(const at::Tensor& x) {
  const bool own = x.device().is_cpu() && x.scalar_type() == at::kBFloat16 &&
                   !at::GradMode::is_enabled() && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  if (!own) return at::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2, /*padding=*/1);
  const int64_t channels = x.size(1), height = (x.size(2) + 1) / 2, width = (x.size(3) + 1) / 2;
  at::Tensor pooled = at::empty({x.size(0), channels, height, width},
                                x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const auto* from = static_cast<const int16_t*>(x.const_data_ptr());
  auto* to = static_cast<int16_t*>(pooled.mutable_data_ptr());
  kernels::ParallelFor(0, x.size(0) * height, /*grain_size=*/8, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t image = row / height;
      const Rows rows{from + image * x.size(2) * x.size(3) * channels, x.size(2), x.size(3),
                      channels};
      for (int64_t column = 0; column < width; ++column) {
        PoolPixel(rows, row % height, column, to + (row * width + column) * channels);
      }
    }
  });
  return pooled;
}

}  // namespace mrmllm
