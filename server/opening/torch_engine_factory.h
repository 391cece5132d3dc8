// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_OPENING_TORCH_ENGINE_FACTORY_H_
#define MRMLLM_SERVER_OPENING_TORCH_ENGINE_FACTORY_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/config/server_config.h"
#include "server/models/engine_factory.h"
#include "server/opening/thread_placement.h"
#include "server/scheduling/devices/device_turn.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {

// Opens bundles with the settings of `device`, `kv_cache` and `scheduler`, on the devices and cores
// of a placement. Every phase is logged; those of the start, of all bundles and devices together,
// are metrics too.
//
// Thread-safety and errors: as EngineFactory. Ownership: `metrics` outlives it.
class TorchEngineFactory : public EngineFactory {
 public:
  TorchEngineFactory(const ServerConfig& config, const ThreadPlacement& placement,
                     Metrics* metrics);

  absl::StatusOr<std::vector<std::unique_ptr<Engine>>> Open(
      const std::string& bundle_directory) override;

  // Keeps the thread, and the threads its steps will start, on the engine's cores.
  void OnExecutorStart(int index) override;

  void EndStart() override { starting_ = false; }

 private:
  absl::StatusOr<std::unique_ptr<Engine>> OpenOn(size_t index, const std::string& bundle_directory);
  void NotePhase(std::string_view device, std::string_view phase, absl::Duration took);

  const ServerConfig config_;
  const ThreadPlacement placement_;
  Metrics* const metrics_;
  std::vector<std::unique_ptr<DeviceTurn>> turns_;  // by executor
  std::map<std::string, absl::Duration> in_phase_;  // of the start; Open's alone
  bool starting_ = true;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_OPENING_TORCH_ENGINE_FACTORY_H_
