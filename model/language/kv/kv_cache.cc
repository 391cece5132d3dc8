// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_cache.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mrmllm {

KvCache::KvCache(std::shared_ptr<KvPool> pool, int64_t capacity, std::vector<PrefixKey> prompt_keys)
    : pool_(std::move(pool)), capacity_(capacity), prompt_keys_(std::move(prompt_keys)) {
  TORCH_CHECK(capacity_ > 0, "kv_cache: expected a capacity of at least one token, got ",
              capacity_);
  TORCH_CHECK(static_cast<int64_t>(prompt_keys_.size()) * KvPool::kBlockTokens < capacity_,
              "kv_cache: the prompt's keys cover its whole capacity");
}

KvCache::~KvCache() { pool_->blocks().Return(blocks_); }

bool KvCache::Reserve() {
  if (!blocks_.empty()) return true;
  std::optional<KvBlocks::Lease> lease = pool_->blocks().Take(blocks_needed(), prompt_keys_);
  if (!lease.has_value()) return false;
  blocks_ = std::move(lease->blocks);
  shared_tokens_ = lease->shared * KvPool::kBlockTokens;
  published_ = lease->shared;
  length_ = shared_tokens_;
  const std::vector<int64_t> numbers(blocks_.begin(), blocks_.end());
  block_index_ = at::tensor(numbers, at::kLong).to(pool_->Keys(0).device());
  return true;
}

absl::Status KvCache::CheckRoom(int64_t count) const {
  if (blocks_.empty()) return absl::FailedPreconditionError("kv_cache: nothing is reserved yet");
  if (count <= capacity_ - length_) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("kv_cache: expected at most ",
                                                   capacity_ - length_, " more tokens (", length_,
                                                   " of ", capacity_, " held), got ", count));
}

void KvCache::Publish() {
  const int64_t whole =
      std::min<int64_t>(length_ / KvPool::kBlockTokens, static_cast<int64_t>(prompt_keys_.size()));
  for (; published_ < whole; ++published_) {
    pool_->blocks().Publish(blocks_[published_], prompt_keys_[published_]);
  }
}

void KvCache::Truncate(int64_t length) {
  TORCH_CHECK(length >= published_ * KvPool::kBlockTokens && length <= length_,
              "kv_cache: cannot truncate ", length_, " tokens to ", length);
  length_ = length;
}

}  // namespace mrmllm
