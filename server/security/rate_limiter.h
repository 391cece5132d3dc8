// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_RATE_LIMITER_H_
#define MRMLLM_SERVER_SECURITY_RATE_LIMITER_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace mrmllm {

// How often somebody may call.
struct RateLimit {
  double per_second = 0;  // 0: as often as they like
  double burst = 0;       // calls that may come at once; 0: one second's worth, at least one
};

// Token buckets, one a name: `per_second` tokens flow in, at most `burst` are kept, a call takes
// one.
//
//   const absl::Duration wait = limiter.Take({{"caller/shop", limit}}, clock->Now());
//   if (wait > absl::ZeroDuration()) ... refuse; after exactly `wait` there is a token
//
// A bucket that is full again is forgotten, so names may come from outside.
// Thread-safety: safe for concurrent use.
class RateLimiter {
 public:
  struct Bucket {
    std::string name;
    RateLimit limit;
  };

  // Takes a token from every bucket and returns zero, or takes none and tells how long until each
  // of them has one.
  absl::Duration Take(absl::Span<const Bucket> buckets, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Buckets that are not full, for tests.
  size_t remembered() const;

 private:
  void ForgetFullBuckets(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  // When each bucket will be full again: all that has to be known of it.
  absl::flat_hash_map<std::string, absl::Time> full_at_ ABSL_GUARDED_BY(mutex_);
  size_t tidy_at_ ABSL_GUARDED_BY(mutex_) = 1024;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_RATE_LIMITER_H_
