// SPDX-License-Identifier: Apache-2.0
#include "server/load_snapshot.h"

#include <algorithm>

namespace mrmllm {

LoadSnapshot SnapshotOf(const ModelRegistry& models) {
  LoadSnapshot all;
  all.cache.evictions = models.evictions_of_freed();
  for (const auto& model : models.All()) {
    ++all.models;
    Scheduler& scheduler = model->scheduler();
    const Admission::Usage admitted = scheduler.admission().usage();
    all.admitted.requests += admitted.requests;
    all.admitted.pixels += admitted.pixels;
    all.admitted.image_tokens += admitted.image_tokens;
    all.admitted.tokens += admitted.tokens;
    all.admitted.kv_blocks += admitted.kv_blocks;
    const FeatureCache::Stats cache = model->cache_stats();
    all.cache.evictions += cache.evictions;
    all.cache.size_bytes += cache.size_bytes;
    all.cache.entries += cache.entries;
    const KvUsage kv = model->kv_usage();
    all.kv.total_blocks += kv.total_blocks;
    all.kv.reserved_blocks += kv.reserved_blocks;
    all.kv.cached_blocks += kv.cached_blocks;
    all.predicted_queue_wait = std::max(all.predicted_queue_wait, scheduler.PredictedQueueWait());
    all.engines_in_service += scheduler.engines_in_service();
  }
  return all;
}

}  // namespace mrmllm
