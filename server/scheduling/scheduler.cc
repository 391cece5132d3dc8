// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/scheduler.h"

#include <utility>

#include "server/scheduling/devices/device_pool.h"
#include "server/scheduling/engine_scheduler.h"

namespace mrmllm {

absl::StatusOr<std::unique_ptr<Scheduler>> Scheduler::Create(Options options, Engine* engine,
                                                             Clock* clock,
                                                             SchedulerObserver* observer) {
  return EngineScheduler::Create(std::move(options), engine, /*ledger=*/nullptr, clock, observer);
}

absl::StatusOr<std::unique_ptr<Scheduler>> Scheduler::Create(Options options,
                                                             absl::Span<Engine* const> engines,
                                                             Clock* clock,
                                                             SchedulerObserver* observer) {
  if (engines.size() == 1) return Create(std::move(options), engines.front(), clock, observer);
  return DevicePool::Create(options, engines, clock, observer);
}

}  // namespace mrmllm
