// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_OPENING_THREAD_PLACEMENT_H_
#define MRMLLM_SERVER_OPENING_THREAD_PLACEMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace mrmllm {

// Which devices run the model, with how many threads each, and on which cores.
struct ThreadPlacement {
  struct Executor {
    std::string device;      // "cpu", "cuda:0"
    int threads = 1;         // of one engine step on the CPU, the executor's own among them
    std::vector<int> cores;  // for these threads alone; empty: wherever the system puts them

    bool operator==(const Executor&) const = default;
  };
  std::vector<Executor> executors;  // one for each device
  std::vector<int> other_cores;     // for gRPC, decoding and the rest; empty: anywhere
};

// What is asked for.
struct ThreadSettings {
  std::string devices;  // with commas between them
  int threads = 0;      // of each executor on a CPU; 0: the cores are divided between them
  bool pin = true;      // where there are cores enough
};

// Gives each executor cores of its own, so that neither gRPC nor decoding nor another executor
// takes them from it in the middle of a step; `cores` are those this process may use. Cores are
// enough when two are left for everything else; else nothing is pinned. Cores that are divided
// leave an eighth for everything else where there are eight or more. An executor of another kind of
// device needs one core, to feed it.
//
// Errors: INVALID_ARGUMENT for a list with an empty name.
absl::StatusOr<ThreadPlacement> PlaceThreads(const ThreadSettings& settings,
                                             absl::Span<const int> cores);

// The cores that the calling thread may use, in ascending order.
std::vector<int> UsableCores();

// Keeps the calling thread, and those that it starts from now on, on `cores`; does nothing when
// there are none. Errors: INTERNAL when the system refuses.
absl::Status PinThisThread(absl::Span<const int> cores);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_OPENING_THREAD_PLACEMENT_H_
