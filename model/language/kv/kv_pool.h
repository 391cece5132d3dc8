// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_KV_POOL_H_
#define MRMLLM_MODEL_LANGUAGE_KV_KV_POOL_H_

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

#include "model/config.h"
#include "model/language/kernels/cached_attention.h"
#include "model/language/kv/kv_blocks.h"

namespace mrmllm {

// The memory of all sequences' keys and values: a fixed number of blocks of kBlockTokens tokens in
// every layer, allocated once, so that no step allocates and what fits is known beforehand.
//
//   ASSIGN_OR_RETURN(auto pool, KvPool::Create(config, {.capacity_bytes = 1 << 28}));
//   KvCache cache(pool, prompt_tokens + max_new_tokens);
//   if (cache.Reserve()) ...
//
// Pages that no token has touched cost nothing.
//
// Thread-safety: blocks() from any thread; the tensors by one thread at a time. Ownership: shared
// by the caches made from it. Errors: Create returns them.
class KvPool {
 public:
  static constexpr int64_t kBlockTokens = kernels::kBlockTokens;

  struct Options {
    size_t capacity_bytes = 0;
    at::ScalarType dtype = at::kFloat;  // float32 or bfloat16
    at::Device device = at::kCPU;
  };

  // INVALID_ARGUMENT when not one block fits the capacity.
  static absl::StatusOr<std::shared_ptr<KvPool>> Create(const LanguageConfig& config,
                                                        const Options& options);

  // Bytes of one block in all layers.
  static size_t BlockBytes(const LanguageConfig& config, at::ScalarType dtype);

  static int64_t BlocksFor(int64_t tokens) { return (tokens + kBlockTokens - 1) / kBlockTokens; }

  KvBlocks& blocks() { return blocks_; }
  const KvBlocks& blocks() const { return blocks_; }
  size_t block_bytes() const { return (keys_.nbytes() + values_.nbytes()) / blocks_.count(); }
  size_t size_bytes() const { return keys_.nbytes() + values_.nbytes(); }

  // One layer's, [blocks, kv_heads, head_dim, kBlockTokens].
  at::Tensor Keys(int layer) const { return keys_[layer]; }
  // [blocks, kv_heads, kBlockTokens, head_dim].
  at::Tensor Values(int layer) const { return values_[layer]; }
  // The same for the kernels. REQUIRES: the pool is on a CPU.
  kernels::LayerBlocks Layer(int layer) const;

 private:
  KvPool(at::Tensor keys, at::Tensor values)
      : keys_(std::move(keys)), values_(std::move(values)), blocks_(keys_.size(1)) {}

  const at::Tensor keys_;  // [layers, blocks, kv_heads, head_dim, kBlockTokens]
  const at::Tensor values_;
  KvBlocks blocks_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_KV_POOL_H_
