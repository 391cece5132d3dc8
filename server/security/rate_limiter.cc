// SPDX-License-Identifier: Apache-2.0
#include "server/security/rate_limiter.h"

#include <algorithm>

namespace mrmllm {
namespace {

// How long one token takes to flow in. Whole durations, so that a wait is exact: sums of fractions
// of a token would be a little short at the time that was told.
absl::Duration PerToken(const RateLimit& limit) { return absl::Seconds(1) / limit.per_second; }

absl::Duration WhileFilling(const RateLimit& limit) {
  const double burst = limit.burst > 0 ? limit.burst : limit.per_second;
  return PerToken(limit) * std::max(burst, 1.0);
}

}  // namespace

absl::Duration RateLimiter::Take(absl::Span<const Bucket> buckets, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  absl::Duration wait = absl::ZeroDuration();
  for (const Bucket& bucket : buckets) {
    if (bucket.limit.per_second <= 0) continue;
    const auto found = full_at_.find(bucket.name);
    const absl::Time full_at = found == full_at_.end() ? now : std::max(found->second, now);
    wait = std::max(wait, full_at + PerToken(bucket.limit) - now - WhileFilling(bucket.limit));
  }
  if (wait > absl::ZeroDuration()) return wait;
  for (const Bucket& bucket : buckets) {
    if (bucket.limit.per_second <= 0) continue;
    absl::Time& full_at = full_at_.try_emplace(bucket.name, now).first->second;
    full_at = std::max(full_at, now) + PerToken(bucket.limit);
  }
  if (full_at_.size() >= tidy_at_) ForgetFullBuckets(now);
  return absl::ZeroDuration();
}

size_t RateLimiter::remembered() const {
  absl::MutexLock lock(&mutex_);
  return full_at_.size();
}

void RateLimiter::ForgetFullBuckets(absl::Time now) {
  absl::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
  tidy_at_ = std::max<size_t>(1024, 2 * full_at_.size());
}

}  // namespace mrmllm
