// SPDX-License-Identifier: Apache-2.0
#include "client/bench/arrivals.h"

#include <cmath>

#include "client/bench/rpc_mix.h"

namespace mrmllm {

absl::Duration PoissonArrivals::Next() {
  // Gaps are exponential; log1p of a number in (-1, 0] is finite.
  seconds_ -= std::log1p(-NextUniform(random_)) / per_second_;
  return absl::Seconds(seconds_);
}

}  // namespace mrmllm
