// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_MODELS_ENGINE_FACTORY_H_
#define MRMLLM_SERVER_MODELS_ENGINE_FACTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "server/engine.h"

namespace mrmllm {

// Opens bundles: the seam behind which the model's library is.
// Thread-safety: one Open at a time; OnExecutorStart from any thread. Ownership: outlives the
// engines.
class EngineFactory {
 public:
  virtual ~EngineFactory() = default;

  // Loads the bundle and warms it up, once for each device: engine i is on device i. Engines of
  // different bundles on one device take turns, step by step. Blocks for seconds; REQUIRES a thread
  // that may. Errors name the file of the bundle, or the device, and what is wrong with it.
  virtual absl::StatusOr<std::vector<std::unique_ptr<Engine>>> Open(
      const std::string& bundle_directory) = 0;

  // What is opened from now on is no part of the server's start. Called once, before any other
  // thread can open.
  virtual void EndStart() {}

  // Called first on the executor thread of engine `index`.
  virtual void OnExecutorStart(int /*index*/) {}
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_MODELS_ENGINE_FACTORY_H_
