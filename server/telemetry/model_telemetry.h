// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_MODEL_TELEMETRY_H_
#define MRMLLM_SERVER_TELEMETRY_MODEL_TELEMETRY_H_

#include <string_view>

#include "server/models/observer.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {

// Makes metrics, and one log line each, of the coming and going of models.
// Thread-safety: safe for concurrent use. Ownership: `metrics` outlives it.
class ModelTelemetry : public ModelObserver {
 public:
  explicit ModelTelemetry(Metrics* metrics) : metrics_(metrics) {}

  void OnLoadBegin(std::string_view directory) override;
  void OnLoaded(const EngineInfo& model, absl::Duration took) override;
  void OnLoadFailed(std::string_view directory, const absl::Status& status) override;
  void OnActivated(const EngineInfo& model) override;
  void OnDraining(const EngineInfo& model) override;
  void OnFreed(const EngineInfo& model) override;

 private:
  Metrics* const metrics_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_MODEL_TELEMETRY_H_
