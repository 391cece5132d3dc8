// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ESTIMATES_SECOND_LOOK_BUDGET_H_
#define MRMLLM_SERVER_SCHEDULING_ESTIMATES_SECOND_LOOK_BUDGET_H_

#include <vector>

#include "base/detection.h"
#include "server/engine.h"
#include "server/scheduling/request.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// The parts to be looked at again of each image of a request, best reason first; most images have
// none.
using PartsOfImages = std::vector<std::vector<NormalizedBox>>;

int CountParts(const PartsOfImages& parts);

// Leaves the best `count` of them: the first of every image before the second of any.
void KeepBest(int count, PartsOfImages* parts);

// What the engine would look at again, by the request's guide. No more of one image than go into
// one step. REQUIRES: every image has its perception.
PartsOfImages PlanParts(const Request& request, const Engine& engine,
                        const Scheduler::Options& options);

// How many parts an automatic second look may have while `waiting` images, parts and answers wait
// for the engine: what they leave of one batch. So no more than one batch of parts ever waits, and
// under overload none is looked at: second looks never make a queue grow.
int PartsBesides(int waiting, const Scheduler::Options& options);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ESTIMATES_SECOND_LOOK_BUDGET_H_
