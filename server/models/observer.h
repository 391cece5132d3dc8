// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_OBSERVER_H_
#define MRMLLM_SERVER_MODELS_OBSERVER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/engine.h"

namespace mrmllm {

// Hears of the coming and going of models; telemetry makes log lines and metrics of it. Every
// method has a default that does nothing. Thread-safety: methods may be called from several threads
// at once and must return quickly.
class ModelObserver {
 public:
  virtual ~ModelObserver() = default;

  // A load began; `directory` is the bundle's.
  virtual void OnLoadBegin(std::string_view /*directory*/) {}

  // It ended: well, and the model is about to serve, or not, and nothing has changed.
  virtual void OnLoaded(const EngineInfo& /*model*/, absl::Duration /*took*/) {}
  virtual void OnLoadFailed(std::string_view /*directory*/, const absl::Status& /*status*/) {}

  // The model serves the requests that name no version, from now on.
  virtual void OnActivated(const EngineInfo& /*model*/) {}

  // No new request finds it any more; it finishes what it has.
  virtual void OnDraining(const EngineInfo& /*model*/) {}

  // Its last request has ended, and it is about to be freed.
  virtual void OnFreed(const EngineInfo& /*model*/) {}
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_OBSERVER_H_
