// SPDX-License-Identifier: Apache-2.0
#include "server/opening/thread_placement.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mrmllm {
namespace {

constexpr int kCoresForTheRest = 2;

// For which threads = 0 asks.
int ThreadsOfEach(int cores, int executors) {
  if (executors == 0) return 1;
  const int for_the_rest = cores >= 8 ? std::max(cores / 8, kCoresForTheRest) : 0;
  return std::max((cores - for_the_rest) / executors, 1);
}

// Hands out the cores from the first to the last.
void Pin(absl::Span<const int> cores, ThreadPlacement& placement) {
  for (ThreadPlacement::Executor& executor : placement.executors) {
    const auto own = cores.subspan(0, executor.threads);
    executor.cores.assign(own.begin(), own.end());
    cores.remove_prefix(executor.threads);
  }
  placement.other_cores.assign(cores.begin(), cores.end());
}

}  // namespace

absl::StatusOr<ThreadPlacement> PlaceThreads(const ThreadSettings& settings,
                                             absl::Span<const int> cores) {
  ThreadPlacement placement;
  for (absl::string_view name : absl::StrSplit(settings.devices, ',')) {
    name = absl::StripAsciiWhitespace(name);
    if (name.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "device.name: expected devices with commas between them, got '", settings.devices, "'"));
    }
    placement.executors.push_back({.device = std::string(name)});
  }
  const auto on_cpu = [](const ThreadPlacement::Executor& executor) {
    return absl::StartsWith(executor.device, "cpu");
  };
  const int executors = static_cast<int>(placement.executors.size());
  const int cpu_executors = static_cast<int>(
      std::count_if(placement.executors.begin(), placement.executors.end(), on_cpu));
  const int cores_for_cpus = static_cast<int>(cores.size()) - (executors - cpu_executors);
  int needed = 0;
  for (ThreadPlacement::Executor& executor : placement.executors) {
    if (on_cpu(executor)) {
      executor.threads =
          settings.threads > 0 ? settings.threads : ThreadsOfEach(cores_for_cpus, cpu_executors);
    }
    needed += executor.threads;
  }
  if (settings.pin && needed + kCoresForTheRest <= static_cast<int>(cores.size())) {
    Pin(cores, placement);
  }
  return placement;
}

std::vector<int> UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

absl::Status PinThisThread(absl::Span<const int> cores) {
  if (cores.empty()) return absl::OkStatus();
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core : cores) CPU_SET(core, &set);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
  if (error == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("a thread cannot be kept on its cores: ", std::strerror(error)));
}

}  // namespace mrmllm
