// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/scheduler.h"

#include <utility>

#include "server/scheduling/engine_scheduler.h"

namespace mrmllm {

absl::StatusOr<std::unique_ptr<Scheduler>> Scheduler::Create(Options options, Engine* engine,
                                                             Clock* clock,
                                                             SchedulerObserver* observer) {
  return EngineScheduler::Create(std::move(options), engine, /*ledger=*/nullptr, clock, observer);
}

}  // namespace mrmllm
