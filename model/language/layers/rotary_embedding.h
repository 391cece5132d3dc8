// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_LAYERS_ROTARY_EMBEDDING_H_
#define MRMLLM_MODEL_LANGUAGE_LAYERS_ROTARY_EMBEDDING_H_

#include <torch/torch.h>

#include <optional>

#include "model/config.h"

namespace mrmllm {

// Rotary position embedding in Hugging Face's convention: dimension d turns with dimension
// d + head_dim / 2 by the angle position / theta^(2 d / head_dim), slower where `scaling` says so.
// The tables are computed, never loaded: plain members. Thread-safety: immutable.
class RotaryEmbedding {
 public:
  RotaryEmbedding(int64_t head_dim, int64_t max_positions, double theta, at::Device device,
                  const std::optional<RopeScaling>& scaling = std::nullopt);

  const at::Tensor& cosine() const { return cosine_; }  // [max_positions, head_dim / 2] float32
  const at::Tensor& sine() const { return sine_; }

  // x [N, heads, head_dim], positions [N] int64 -> rotated, in x's dtype.
  at::Tensor Rotate(const at::Tensor& x, const at::Tensor& positions) const;

 private:
  at::Tensor cosine_;
  at::Tensor sine_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_LAYERS_ROTARY_EMBEDDING_H_
