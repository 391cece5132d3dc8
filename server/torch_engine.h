// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TORCH_ENGINE_H_
#define MRMLLM_SERVER_TORCH_ENGINE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/engine.h"
#include "server/scheduling/devices/device_turn.h"

namespace mrmllm {

// The one door between the torch-free server and the model.
//
//   ASSIGN_OR_RETURN(auto engine, OpenTorchEngine(options, Clock::Real(), on_phase));
//
// Thread-safety and errors: as Engine says. libtorch's exceptions are caught here, once: they
// become INTERNAL, or RESOURCE_EXHAUSTED when memory ran out. When a batch fails as a whole its
// items are run one by one, so that only the one at fault fails.
struct TorchEngineOptions {
  std::string bundle_directory;
  bool verify_checksums = true;
  std::string device = "cpu";
  std::string dtype = "auto";         // of the language model
  std::string vision_dtype = "auto";  // of the vision parts
  int threads = 0;                    // of one step on a CPU; 0: one a core
  int max_detail_side = 1280;         // of ImageInput::detail

  size_t kv_cache_bytes = size_t{256} << 20;  // of keys and values, all answers together
  bool share_prefixes = true;                 // answers read equal beginnings of prompts once

  // Shared with the engines of other models on this device; null: it is alone there. Outlives the
  // engine.
  DeviceTurn* turn = nullptr;

  // The largest steps that requests will make, run once before the first.
  int warm_up_images = 8;
  int warm_up_prompt_tokens = 512;
  int warm_up_sequences = 16;
};

// Told how long a phase of the start took: "bundle", "device", "model", "warm_up".
using StartupPhaseListener = std::function<void(std::string_view phase, absl::Duration)>;

// Loads a bundle and warms it up. Errors: those of Bundle::Load, MrMllm::Load and OpenDevice.
absl::StatusOr<std::unique_ptr<Engine>> OpenTorchEngine(const TorchEngineOptions& options,
                                                        Clock* clock,
                                                        const StartupPhaseListener& on_phase);

// Sets how many threads a step may use; call on the thread that runs the engine.
void SetTorchThreads(int threads);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TORCH_ENGINE_H_
