// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_KV_CACHE_H_
#define MRMLLM_MODEL_LANGUAGE_KV_KV_CACHE_H_

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

#include "model/language/kv/kv_pool.h"
#include "model/language/kv/prefix_key.h"

namespace mrmllm {

// Keys and values of one sequence's tokens: a table of blocks of a pool.
//
//   KvCache cache(pool, prompt + max_new, keys);
//   if (!cache.Reserve()) ...                       // no room now; ask again later
//   model->Forward({{tokens_from_length, &cache}});  // appends
//   cache.Publish();
//
// Blocks of a known prefix are shared, and only read; length() then begins at their tokens.
//
// Thread-safety: one thread at a time. Ownership: shares the pool; holds its blocks until it goes.
// Errors: CheckRoom returns them; a write past the capacity is a bug and throws.
class KvCache {
 public:
  // `prompt_keys`: for the first blocks of the prompt, of which at least the last token must not be
  // covered; none: nothing is shared.
  KvCache(std::shared_ptr<KvPool> pool, int64_t capacity, std::vector<PrefixKey> prompt_keys = {});
  ~KvCache();
  KvCache(const KvCache&) = delete;
  KvCache& operator=(const KvCache&) = delete;

  // Takes all blocks that `capacity` tokens need; false when the pool has no room for them now.
  // True at once when it has them.
  bool Reserve();

  int64_t blocks_needed() const { return KvPool::BlocksFor(capacity_); }
  int64_t length() const { return length_; }  // tokens held
  int64_t capacity() const { return capacity_; }
  int64_t shared_tokens() const { return shared_tokens_; }  // of length(), found in the pool
  size_t size_bytes() const { return blocks_.size() * pool_->block_bytes(); }

  // RESOURCE_EXHAUSTED when `count` more tokens do not fit, FAILED_PRECONDITION before Reserve.
  absl::Status CheckRoom(int64_t count) const;

  // Lets later sequences share the prompt's whole blocks that are held by now.
  void Publish();

  // Forgets the tokens from `length` on. REQUIRES: they are neither shared nor published.
  void Truncate(int64_t length);

  KvPool& pool() const { return *pool_; }
  absl::Span<const int32_t> blocks() const { return blocks_; }
  const at::Tensor& block_index() const { return block_index_; }  // [blocks] int64, on the device

 private:
  friend class LanguageModelImpl;

  const std::shared_ptr<KvPool> pool_;
  const int64_t capacity_;
  const std::vector<PrefixKey> prompt_keys_;
  std::vector<int32_t> blocks_;
  at::Tensor block_index_;
  int64_t length_ = 0;
  int64_t shared_tokens_ = 0;
  int64_t published_ = 0;  // blocks, shared ones included
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_KV_CACHE_H_
