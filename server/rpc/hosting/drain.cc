// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/drain.h"

namespace mrmllm {

bool Drain(const DrainOptions& options, const DrainSteps& steps, Clock* clock) {
  steps.report_not_serving();
  clock->Pause(options.delay);
  steps.refuse_new();
  const bool all_ended = steps.await_accepted(clock->Now() + options.timeout);
  steps.cancel_rest();
  steps.shut_down(options.flush);
  return all_ended;
}

}  // namespace mrmllm
