// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/rotary_embedding.h"

#include <cmath>

namespace mrmllm {
namespace {

// Frequencies for contexts `factor` times as long: all divided by it ("linear"), or ("llama3")
// those whose wave is longer than original / low_freq_factor positions, while those shorter than
// original / high_freq_factor are kept, with a linear passage in between.
at::Tensor Scaled(const at::Tensor& frequencies, const RopeScaling& scaling) {
  if (scaling.rope_type == "linear") return frequencies / scaling.factor;
  const at::Tensor wavelengths = (2 * M_PI) / frequencies;
  const at::Tensor waves = scaling.original_max_position_embeddings / wavelengths;
  const double passage = scaling.high_freq_factor - scaling.low_freq_factor;
  const at::Tensor kept = ((waves - scaling.low_freq_factor) / passage).clamp(0, 1);
  return (1 - kept) * frequencies / scaling.factor + kept * frequencies;
}

}  // namespace

RotaryEmbedding::RotaryEmbedding(int64_t head_dim, int64_t max_positions, double theta,
                                 at::Device device, const std::optional<RopeScaling>& scaling) {
  // In float32 on the CPU, operation by operation as the reference does it: the angles of far
  // positions depend on how the frequencies were rounded.
  const at::Tensor exponents =
      at::arange(0, head_dim, 2, at::kLong).to(at::kFloat) / static_cast<double>(head_dim);
  at::Tensor frequencies = 1.0 / at::pow(at::Scalar(theta), exponents);
  if (scaling.has_value()) frequencies = Scaled(frequencies, *scaling);
  const at::Tensor positions = at::arange(max_positions, at::kLong).to(at::kFloat);
  const at::Tensor angles = at::outer(positions, frequencies);  // [max_positions, head_dim / 2]
  cosine_ = angles.cos().to(device);
  sine_ = angles.sin().to(device);
}

at::Tensor RotaryEmbedding::Rotate(const at::Tensor& x, const at::Tensor& positions) const {
  const at::Tensor c = cosine_.index_select(0, positions).unsqueeze(1).to(x.scalar_type());
  const at::Tensor s = sine_.index_select(0, positions).unsqueeze(1).to(x.scalar_type());
  const auto halves = x.chunk(2, -1);  // [N, heads, head_dim / 2] each
  return at::cat({halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s}, -1);
}

}  // namespace mrmllm
