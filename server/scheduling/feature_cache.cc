// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/feature_cache.h"

#include <array>
#include <list>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace mrmllm {
namespace {

class LruFeatureCache : public FeatureCache {
 public:
  LruFeatureCache(Options options, Clock* clock) : options_(options), clock_(clock) {}

  Entry Find(const std::string& image_id, bool query_fusion) override {
    const absl::Time now = clock_->Now();
    absl::MutexLock lock(&mutex_);
    DropExpired(now);
    auto found = by_id_.find(image_id);
    if (found == by_id_.end()) {
      ++stats_.misses;
      return {};
    }
    Use(found->second, now);
    const Item& item = *found->second;
    const Seen& seen = item.seen[query_fusion];
    ++(seen.first_look ? stats_.hits : stats_.misses);
    return {item.input, seen.first_look, seen.second_look, seen.settings};
  }

  void Insert(const std::string& image_id, std::shared_ptr<const ImageInput> input,
              std::shared_ptr<const Perception> perception) override {
    const absl::Time now = clock_->Now();
    absl::MutexLock lock(&mutex_);
    DropExpired(now);
    auto [found, is_new] = by_id_.try_emplace(image_id);
    if (is_new) found->second = items_.insert(items_.begin(), Item{.image_id = image_id});
    Item& item = *found->second;
    if (input) item.input = std::move(input);
    if (perception) item.seen[perception->query_fusion].first_look = std::move(perception);
    Grow(found->second, is_new, now);
  }

  void InsertSecondLook(const std::string& image_id, const SecondLookSettings& settings,
                        std::shared_ptr<const Perception> merged) override {
    const absl::Time now = clock_->Now();
    absl::MutexLock lock(&mutex_);
    DropExpired(now);
    auto found = by_id_.find(image_id);
    if (found == by_id_.end()) return;
    Seen& seen = found->second->seen[merged->query_fusion];
    seen.second_look = std::move(merged);
    seen.settings = settings;
    Grow(found->second, /*is_new=*/false, now);
  }

  bool Erase(const std::string& image_id) override {
    const absl::Time now = clock_->Now();
    absl::MutexLock lock(&mutex_);
    DropExpired(now);
    auto found = by_id_.find(image_id);
    if (found == by_id_.end()) return false;
    Remove(found->second);
    return true;
  }

  Stats stats() override {
    const absl::Time now = clock_->Now();
    absl::MutexLock lock(&mutex_);
    DropExpired(now);
    Stats stats = stats_;
    stats.entries = items_.size();
    return stats;
  }

 private:
  struct Seen {
    std::shared_ptr<const Perception> first_look;
    std::shared_ptr<const Perception> second_look;
    SecondLookSettings settings;  // of the second look
  };
  struct Item {
    std::string image_id;
    std::shared_ptr<const ImageInput> input;
    std::array<Seen, 2> seen;  // by query_fusion
    size_t size_bytes = 0;
    absl::Time expiry;
  };
  using Items = std::list<Item>;

  static size_t SizeOf(const Item& item) {
    size_t size = sizeof(Item) + 2 * item.image_id.size();
    if (item.input) size += item.input->size_bytes();
    for (const Seen& seen : item.seen) {
      if (seen.first_look) size += seen.first_look->size_bytes();
      if (!seen.second_look) continue;
      size += seen.second_look->size_bytes();
      const std::shared_ptr<const ImageFeatures>& features = seen.second_look->features;
      const bool shared = features && seen.first_look && seen.first_look->features == features;
      if (shared) size -= features->size_bytes();
    }
    return size;
  }

  // What was added to the entry counts; if it is too much, somebody leaves.
  void Grow(Items::iterator item, bool is_new, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    stats_.size_bytes -= std::exchange(item->size_bytes, SizeOf(*item));
    stats_.size_bytes += item->size_bytes;
    Use(item, now);
    if (item->size_bytes > options_.capacity_bytes) {
      // It leaves alone: emptying the whole cache would not make it fit.
      if (!is_new) ++stats_.evictions;
      Remove(item);
    }
    while (stats_.size_bytes > options_.capacity_bytes) Evict();
  }

  void Use(Items::iterator item, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    item->expiry = now + options_.time_to_live;
    items_.splice(items_.begin(), items_, item);
  }

  void Remove(Items::iterator item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    stats_.size_bytes -= item->size_bytes;
    by_id_.erase(item->image_id);
    items_.erase(item);
  }

  void Evict() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++stats_.evictions;
    Remove(std::prev(items_.end()));
  }

  // Use() moves an entry to the front and renews its expiry, so the first to expire is the last.
  void DropExpired(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (!items_.empty() && items_.back().expiry <= now) Evict();
  }

  const Options options_;
  Clock* const clock_;
  absl::Mutex mutex_;
  Items items_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  absl::flat_hash_map<std::string, Items::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
  Stats stats_ ABSL_GUARDED_BY(mutex_);  // `entries` is filled when asked for
};

}  // namespace

std::unique_ptr<FeatureCache> FeatureCache::Create(Options options, Clock* clock) {
  return std::make_unique<LruFeatureCache>(options, clock);
}

}  // namespace mrmllm
