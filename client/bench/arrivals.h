// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_ARRIVALS_H_
#define MRMLLM_CLIENT_BENCH_ARRIVALS_H_

#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace mrmllm {

// When the requests of many independent callers arrive: a Poisson process. The same seed gives the
// same arrivals.
//
//   PoissonArrivals arrivals(/*per_second=*/5, seed);
//   start + arrivals.Next(), start + arrivals.Next(), ...
//
// Thread-safety: not safe.
class PoissonArrivals {
 public:
  // REQUIRES: per_second > 0.
  PoissonArrivals(double per_second, uint64_t seed) : per_second_(per_second), random_(seed) {}

  // From the start of the process to its next arrival; never less than the last.
  absl::Duration Next();

 private:
  const double per_second_;
  std::mt19937_64 random_;
  double seconds_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_ARRIVALS_H_
