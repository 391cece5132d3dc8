// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_PERCENTILES_H_
#define MRMLLM_CLIENT_BENCH_PERCENTILES_H_

#include <vector>

#include "absl/time/time.h"

namespace mrmllm {

// How durations are spread. Percentiles are exact: every sample is kept, and the p-th percentile is
// the smallest sample that at least p % of the samples do not exceed (nearest rank, nothing
// interpolated). All zero when there are no samples.
struct Distribution {
  int count = 0;
  absl::Duration mean;
  absl::Duration min;
  absl::Duration p50;
  absl::Duration p90;
  absl::Duration p95;
  absl::Duration p99;
  absl::Duration max;
};

Distribution DistributionOf(std::vector<absl::Duration> samples);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_PERCENTILES_H_
