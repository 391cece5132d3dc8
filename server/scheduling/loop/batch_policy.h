// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_POLICY_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_POLICY_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/time/time.h"

#include "server/scheduling/scheduler.h"

namespace mrmllm {

// What waits and runs at a step boundary. Everything is in the order in which it is to be served.
struct BatchSnapshot {
  struct WaitingImage {
    int64_t pixels = 0;  // displayed
    absl::Time since;    // submitted to the scheduler
  };
  std::vector<WaitingImage>
      images;                      // to be perceived; those after max_batch_images may be left out
  std::vector<int> parts;          // of each image to be looked at again, in [1, max_batch_images]
  std::vector<int> prompt_tokens;  // not yet processed, of the answers begun; each >= 1
  int decoding = 0;                // answers whose prompt is processed
  bool perceived_last = false;     // the last step was one for images: a first or a second look
  bool looked_again_last = false;  // of steps for images the last was a second look
  bool prefilled_last = false;     // of prefill and decode steps the last was a prefill step
};

// The next step of the engine.
struct WaitStep {
  absl::Time until;  // InfiniteFuture(): until something new comes
  bool operator==(const WaitStep&) const = default;
};
struct PerceiveStep {
  int image_count = 0;  // the first of BatchSnapshot::images, >= 1
  bool operator==(const PerceiveStep&) const = default;
};
struct LookAgainStep {
  int image_count = 0;  // the first of BatchSnapshot::parts, >= 1
  bool operator==(const LookAgainStep&) const = default;
};
struct PrefillStep {
  std::vector<int> tokens;  // for the first of BatchSnapshot::prompt_tokens, each >= 1
  bool operator==(const PrefillStep&) const = default;
};
struct DecodeStep {  // one token for every answer that is decoding
  bool operator==(const DecodeStep&) const = default;
};
using BatchStep = std::variant<WaitStep, PerceiveStep, LookAgainStep, PrefillStep, DecodeStep>;

// Decides the next step, from its arguments alone:
//  - steps for images alternate with steps for answers while both have work, so neither waits for
//    more than one step of the other;
//  - of the steps for images, perceive steps alternate with second looks likewise;
//  - of those for answers, prefill steps alternate with decode steps likewise;
//  - an underfull perceive batch waits up to max_queue_delay for more, but only while nothing else
//    runs.
BatchStep DecideStep(const Scheduler::Options& options, const BatchSnapshot& snapshot,
                     absl::Time now);

// Whether one more answer may begin, beside `running` ones with `pending_prompt_tokens` still to
// process together: not before the next prefill step could take some of its prompt, so that caches
// are not held for nothing.
bool MayBeginAnswer(const Scheduler::Options& options, int running, int64_t pending_prompt_tokens);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_BATCH_POLICY_H_
