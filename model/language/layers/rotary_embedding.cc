// SPDX-License-Identifier: Apache-2.0
#include "model/language/layers/rotary_embedding.h"

namespace mrmllm {

RotaryEmbedding::RotaryEmbedding(int64_t head_dim, int64_t max_positions, double theta,
                                 at::Device device) {
  // In float32 on the CPU, operation by operation as the reference does it: the angles of far
  // positions depend on how the frequencies were rounded.
  const at::Tensor exponents =
      at::arange(0, head_dim, 2, at::kLong).to(at::kFloat) / static_cast<double>(head_dim);
  const at::Tensor frequencies = 1.0 / at::pow(at::Scalar(theta), exponents);
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
