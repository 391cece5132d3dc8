// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_

#include <cstdint>

namespace mrmllm::kernels {

// Tokens in one block of keys and values. A block's keys are [kv_heads, head_dim, kBlockTokens], so
// that one vector holds the same dimension of every key; its values are [kv_heads, kBlockTokens,
// head_dim].
inline constexpr int64_t kBlockTokens = 16;

struct AttentionShape {
  int64_t heads = 0;
  int64_t kv_heads = 0;  // divides heads
  int64_t head_dim = 0;  // a multiple of 16, so that half a head fills whole vectors

  int64_t qkv_width() const { return (heads + 2 * kv_heads) * head_dim; }
  int64_t head_elements() const { return head_dim * kBlockTokens; }  // of a block's keys or values
  int64_t block_elements() const { return kv_heads * head_elements(); }
};

// One sequence's rows in a step, and the blocks that it is kept in.
struct SequenceRows {
  int64_t row_begin = 0;
  int64_t row_count = 0;
  int64_t position = 0;             // of the first row
  const int32_t* blocks = nullptr;  // numbers of the blocks of tokens 0 to 15, 16 to 31, ...
};

struct StepRows {
  const SequenceRows* sequences = nullptr;
  int64_t sequence_count = 0;
};

// One layer's keys and values: block b begins at b * block_elements().
struct LayerBlocks {
  void* keys = nullptr;
  void* values = nullptr;
  bool bfloat16 = false;  // the elements; else float32
};

// For every row of qkv [rows, q | k | v]: rotates q in place, writes rotated k and v at the row's
// position. cosine and sine are tables [positions, head_dim / 2].
void RotateAndStore(const AttentionShape& shape, const StepRows& rows, const LayerBlocks& layer,
                    const float* cosine, const float* sine, float* qkv);

// out[row, head * head_dim ..] = softmax(q k^T / sqrt(head_dim)) v over the positions 0 to the
// row's own, for every row of qkv with its q already rotated. Computes in float32. A row's result
// does not depend, bit for bit, on which other rows share the step.
void AttendToBlocks(const AttentionShape& shape, const StepRows& rows, const LayerBlocks& layer,
                    const float* qkv, float* out);

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_CACHED_ATTENTION_H_
