// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_CACHE_H_
#define MRMLLM_MODEL_LANGUAGE_KV_CACHE_H_

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "model/config.h"

namespace mrmllm {

// Keys and values of one sequence's tokens in every layer: [layers, 2, kv_heads, capacity,
// head_dim], allocated whole when it is made, so that a step never allocates and admission knows
// the cost.
//
//   ASSIGN_OR_RETURN(auto cache, KvCache::Create(config, prompt + max_new, dtype, device));
//   RETURN_IF_ERROR(cache->CheckRoom(chunk.size()));
//   model->Forward({{chunk, cache.get(), nullptr}});   // appends
//
// Thread-safety: one thread at a time. Ownership: owns its memory. Errors: Create and CheckRoom
// return them; a write past the capacity is a bug and throws.
class KvCache {
 public:
  struct Options {
    int64_t capacity = 0;  // tokens, [1, max_position_embeddings]
    at::ScalarType dtype = at::kFloat;
    at::Device device = at::kCPU;
  };

  // INVALID_ARGUMENT when capacity is out of range.
  static absl::StatusOr<std::unique_ptr<KvCache>> Create(const LanguageConfig& config,
                                                         const Options& options);

  int64_t length() const { return length_; }  // tokens held
  int64_t capacity() const { return storage_.size(3); }
  size_t size_bytes() const { return storage_.nbytes(); }

  // RESOURCE_EXHAUSTED when `count` more tokens do not fit.
  absl::Status CheckRoom(int64_t count) const;

  // Bytes that a cache of `capacity` tokens takes.
  static size_t SizeBytes(const LanguageConfig& config, int64_t capacity, at::ScalarType dtype);

  at::Tensor Keys(int layer) const { return storage_[layer][0]; }  // [kv_heads, capacity, head_dim]
  at::Tensor Values(int layer) const { return storage_[layer][1]; }

  // [layers, 2, kv_heads, capacity, head_dim], keys first.
  const at::Tensor& storage() const { return storage_; }

  // Forgets the tokens from `length` on. REQUIRES: 0 <= length <= length().
  void Truncate(int64_t length);

 private:
  friend class LanguageModelImpl;
  explicit KvCache(at::Tensor storage) : storage_(std::move(storage)) {}

  at::Tensor storage_;
  int64_t length_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_CACHE_H_
