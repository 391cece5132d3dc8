// SPDX-License-Identifier: Apache-2.0
#include "client/bench/percentiles.h"

#include <algorithm>
#include <numeric>

namespace mrmllm {

Distribution DistributionOf(std::vector<absl::Duration> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  const size_t count = samples.size();
  const auto percentile = [&](size_t p) { return samples[(p * count + 99) / 100 - 1]; };
  return {.count = static_cast<int>(count),
          .mean = std::accumulate(samples.begin(), samples.end(), absl::ZeroDuration()) /
                  static_cast<int64_t>(count),
          .min = samples.front(),
          .p50 = percentile(50),
          .p90 = percentile(90),
          .p95 = percentile(95),
          .p99 = percentile(99),
          .max = samples.back()};
}

}  // namespace mrmllm
