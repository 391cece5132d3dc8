// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_EXPOSER_H_
#define MRMLLM_SERVER_TELEMETRY_EXPOSER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"

namespace mrmllm {

// Serves metrics at http://ADDRESS/metrics until it is destroyed.
//
// Thread-safety: immutable once made. Ownership: keeps the collectable.
// Errors: Create: UNAVAILABLE with the address that could not be bound.
class MetricsExposer {
 public:
  static absl::StatusOr<std::unique_ptr<MetricsExposer>> Create(
      const std::string& address, std::shared_ptr<prometheus::Collectable> collectable);
  virtual ~MetricsExposer() = default;

  virtual int port() const = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_EXPOSER_H_
