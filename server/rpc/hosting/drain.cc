// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/drain.h"

namespace mrmllm {

DrainEnd Drain(const DrainOptions& options, const DrainSteps& steps, Clock* clock) {
  steps.report_not_serving();
  clock->Pause(options.delay);
  steps.refuse_new();
  const bool all_ended = steps.await_accepted(clock->Now() + options.timeout);
  if (!steps.cancel_rest(clock->Now() + options.patience)) return DrainEnd::kStuck;
  steps.shut_down(options.flush);
  return all_ended ? DrainEnd::kComplete : DrainEnd::kCancelled;
}

}  // namespace mrmllm
