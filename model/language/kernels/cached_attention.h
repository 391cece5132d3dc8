// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_

#include <cstdint>

namespace mrmllm::kernels {

struct AttentionShape {
  int64_t heads = 0;
  int64_t kv_heads = 0;  // divides heads
  int64_t head_dim = 0;  // a multiple of 16, so that half a head fills whole vectors

  int64_t qkv_width() const { return (heads + 2 * kv_heads) * head_dim; }
};

// Where one row of a step stands in its sequence's cache, for one layer.
struct CacheRow {
  float* key = nullptr;     // [kv_heads, capacity, head_dim]
  float* value = nullptr;   // the same
  int64_t head_stride = 0;  // capacity * head_dim
  int64_t position = 0;     // of this row
};

// For every row of qkv [rows, q | k | v]: rotates q in place, writes rotated k and v into the cache
// at the row's position. cosine and sine are tables [positions, head_dim / 2].
void RotateAndStore(const AttentionShape& shape, int64_t rows, const CacheRow* cache,
                    const float* cosine, const float* sine, float* qkv);

// out[row, head * head_dim ..] = softmax(q k^T / sqrt(head_dim)) v over the cache's positions 0 to
// the row's own, for every row of qkv with its q already rotated.
void AttendToCache(const AttentionShape& shape, int64_t rows, const CacheRow* cache,
                   const float* qkv, float* out);

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_
