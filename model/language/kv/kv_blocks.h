// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_KV_BLOCKS_H_
#define MRMLLM_MODEL_LANGUAGE_KV_KV_BLOCKS_H_

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"

#include "model/language/kv/prefix_key.h"

namespace mrmllm {

// Who holds which of a fixed number of blocks, and what published blocks contain: the books of a
// KvPool, without its memory.
//
//   auto lease = blocks.Take(10, keys);     // all ten or none
//   ... fill block lease->blocks[i] ...
//   blocks.Publish(lease->blocks[i], keys[i]);
//   blocks.Return(lease->blocks);
//
// A published block may be shared by later leases. When its last holder has returned it, it stays
// for its contents until its room is needed: the least recently used goes first, of one chain the
// end before the beginning. Blocks without contents are used before those with.
//
// Thread-safety: safe for concurrent use. Errors: returning a block that nobody holds, or
// publishing one, is a bug and aborts.
class KvBlocks {
 public:
  struct Lease {
    std::vector<int32_t> blocks;
    int64_t shared = 0;  // the first so many hold what their keys stand for
  };
  struct Usage {
    int64_t held = 0;    // by at least one lease
    int64_t cached = 0;  // by none, kept for their contents
  };

  explicit KvBlocks(int64_t count);

  int64_t count() const { return static_cast<int64_t>(blocks_.size()); }
  Usage usage() const ABSL_LOCKS_EXCLUDED(mutex_);

  // `count` blocks, of which the first are the longest published beginning of the chain `keys` (at
  // most `count` keys). Nothing when there is no room for all.
  std::optional<Lease> Take(int64_t count, absl::Span<const PrefixKey> keys)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The block holds what `key` stands for, and will not be written again. Of several blocks with
  // one key the first counts.
  void Publish(int32_t block, const PrefixKey& key) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends a lease; `blocks` in the order of the lease.
  void Return(absl::Span<const int32_t> blocks) ABSL_LOCKS_EXCLUDED(mutex_);

  // Empties the blocks that are kept for their contents only.
  void ForgetContents() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Block {
    int holders = 0;
    std::optional<PrefixKey> key;       // published under it
    std::list<int32_t>::iterator kept;  // its place in kept_; valid without holders and with key
  };

  int32_t ForgetLeastRecentlyUsed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int32_t TakeUnshared() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<Block> blocks_;  // its size never changes; the elements are guarded by mutex_
  std::vector<int32_t> empty_ ABSL_GUARDED_BY(mutex_);  // the last is taken first
  std::list<int32_t> kept_ ABSL_GUARDED_BY(mutex_);     // least recently used first
  absl::flat_hash_map<PrefixKey, int32_t> published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_KV_BLOCKS_H_
