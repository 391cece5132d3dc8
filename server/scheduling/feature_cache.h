// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_FEATURE_CACHE_H_
#define MRMLLM_SERVER_SCHEDULING_FEATURE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"

#include "base/clock.h"
#include "base/perception_settings.h"
#include "server/engine.h"

namespace mrmllm {

// Perceptions by image id: least recently used goes first when the byte budget is full, and every
// entry expires. The id is made by the caller (a keyed SHA-256 of the content, the preprocessing,
// the bundle version and the tenant), so it cannot be guessed nor shared between tenants.
//
//   FeatureCache::Entry known = cache.Find(image_id, query_fusion);
//   if (known.perception) ...  // no run of the model is needed
//   cache.Insert(image_id, input, perception);
//
// Thread-safety: safe for concurrent use. Ownership: entries are shared; an evicted one lives on in
// the requests that use it.
class FeatureCache {
 public:
  struct Options {
    size_t capacity_bytes = 256u << 20;  // 0: nothing is kept
    absl::Duration time_to_live = absl::Minutes(10);
  };
  // `input` is set when the image is known; `perception`, its first look, when it was also
  // perceived with the asked-for query_fusion; `second_look` when parts of it were then looked at
  // again by `settings`, for no question and no classes in particular.
  struct Entry {
    std::shared_ptr<const ImageInput> input;
    std::shared_ptr<const Perception> perception;
    std::shared_ptr<const Perception> second_look;
    SecondLookSettings settings;
  };
  struct Stats {
    int64_t hits = 0;       // Find brought a perception
    int64_t misses = 0;     // it did not
    int64_t evictions = 0;  // entries that left for want of room, or of age; none that was erased
    size_t size_bytes = 0;
    size_t entries = 0;
  };

  static std::unique_ptr<FeatureCache> Create(Options options, Clock* clock);
  virtual ~FeatureCache() = default;

  // Marks the entry as used and renews its time to live.
  virtual Entry Find(const std::string& image_id, bool query_fusion) = 0;
  // Adds what is not null to the entry, making it if need be, and renews its time to live. An entry
  // bigger than the capacity is not kept. The variants with and without query fusion live side by
  // side.
  virtual void Insert(const std::string& image_id, std::shared_ptr<const ImageInput> input,
                      std::shared_ptr<const Perception> perception) = 0;
  // Adds a second look to an image that is known, in the place of an earlier one. Nothing happens
  // when it is not known any more.
  virtual void InsertSecondLook(const std::string& image_id, const SecondLookSettings& settings,
                                std::shared_ptr<const Perception> merged) = 0;
  // Forgets the image; tells whether it was known.
  virtual bool Erase(const std::string& image_id) = 0;
  // Lets go of what has expired first, so an idle cache empties too.
  virtual Stats stats() = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_FEATURE_CACHE_H_
