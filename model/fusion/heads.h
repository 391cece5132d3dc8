// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_FUSION_HEADS_H_
#define MRMLLM_MODEL_FUSION_HEADS_H_

#include <torch/torch.h>

namespace mrmllm {

// softmax(q k^T / sqrt(D / heads)) v in `heads` heads: q [B, T, D], k and v [B, S, D] -> [B, T, D].
inline at::Tensor AttendInHeads(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                int64_t heads) {
  const auto split = [heads](const at::Tensor& x) {  // [B, heads, T, D / heads]
    return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
  };
  return at::scaled_dot_product_attention(split(q), split(k), split(v))
      .transpose(1, 2)
      .reshape(q.sizes());
}

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_FUSION_HEADS_H_
