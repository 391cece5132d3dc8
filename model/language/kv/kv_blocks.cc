// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_blocks.h"

#include <cstdlib>

namespace mrmllm {

KvBlocks::KvBlocks(int64_t count) : blocks_(count) {
  empty_.reserve(count);
  // The lowest is taken first, and a used one before one whose memory was never touched.
  for (int64_t block = count - 1; block >= 0; --block) {
    empty_.push_back(static_cast<int32_t>(block));
  }
}

KvBlocks::Usage KvBlocks::usage() const {
  const absl::MutexLock lock(&mutex_);
  const auto cached = static_cast<int64_t>(kept_.size());
  return {count() - cached - static_cast<int64_t>(empty_.size()), cached};
}

std::optional<KvBlocks::Lease> KvBlocks::Take(int64_t count, absl::Span<const PrefixKey> keys) {
  const absl::MutexLock lock(&mutex_);
  Lease lease;
  size_t shared_kept = 0;  // they cannot make room for the others
  for (const PrefixKey& key : keys) {
    const auto found = published_.find(key);
    if (found == published_.end()) break;
    lease.blocks.push_back(found->second);
    if (blocks_[found->second].holders == 0) ++shared_kept;
  }
  lease.shared = static_cast<int64_t>(lease.blocks.size());
  const auto room = static_cast<int64_t>(empty_.size() + kept_.size() - shared_kept);
  if (count - lease.shared > room) return std::nullopt;
  for (const int32_t block : lease.blocks) {
    if (blocks_[block].holders++ == 0) kept_.erase(blocks_[block].kept);
  }
  lease.blocks.reserve(count);
  for (int64_t i = lease.shared; i < count; ++i) lease.blocks.push_back(TakeUnshared());
  return lease;
}

int32_t KvBlocks::ForgetLeastRecentlyUsed() {
  const int32_t block = kept_.front();
  kept_.pop_front();
  published_.erase(*blocks_[block].key);
  blocks_[block].key.reset();
  return block;
}

int32_t KvBlocks::TakeUnshared() {
  int32_t block = 0;
  if (empty_.empty()) {
    block = ForgetLeastRecentlyUsed();
  } else {
    block = empty_.back();
    empty_.pop_back();
  }
  blocks_[block].holders = 1;
  return block;
}

void KvBlocks::ForgetContents() {
  const absl::MutexLock lock(&mutex_);
  while (!kept_.empty()) empty_.push_back(ForgetLeastRecentlyUsed());
}

void KvBlocks::Publish(int32_t block, const PrefixKey& key) {
  const absl::MutexLock lock(&mutex_);
  if (blocks_[block].holders == 0) std::abort();
  if (blocks_[block].key.has_value()) return;
  if (published_.emplace(key, block).second) blocks_[block].key = key;
}

void KvBlocks::Return(absl::Span<const int32_t> blocks) {
  const absl::MutexLock lock(&mutex_);
  // From the end, so that of a chain the end is given up first: a chain without its beginning is of
  // no use.
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    Block& entry = blocks_[*block];
    if (entry.holders == 0) std::abort();
    if (--entry.holders > 0) continue;
    if (entry.key.has_value()) {
      entry.kept = kept_.insert(kept_.end(), *block);
    } else {
      empty_.push_back(*block);
    }
  }
}

}  // namespace mrmllm
