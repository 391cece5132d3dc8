// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_policy.h"

#include <algorithm>

namespace mrmllm {
namespace {

struct PerceiveBatch {
  int image_count = 0;
  bool full = false;  // no further image could join it
};

PerceiveBatch CutPerceiveBatch(const Scheduler::Options& options, const BatchSnapshot& snapshot) {
  PerceiveBatch batch;
  int64_t pixels = 0;
  for (const BatchSnapshot::WaitingImage& image : snapshot.images) {
    const bool too_many_pixels =
        batch.image_count > 0 && image.pixels > options.max_batch_pixels - pixels;
    if (batch.image_count == options.max_batch_images || too_many_pixels) {
      batch.full = true;
      return batch;
    }
    pixels += image.pixels;
    ++batch.image_count;
  }
  batch.full = batch.image_count == options.max_batch_images || pixels >= options.max_batch_pixels;
  return batch;
}

// One image's parts go into one step, whose result is the image's.
LookAgainStep CutLookAgain(const Scheduler::Options& options, const BatchSnapshot& snapshot) {
  LookAgainStep step;
  int left = options.max_batch_images;
  for (int parts : snapshot.parts) {
    if (parts > left && step.image_count > 0) break;
    left -= parts;
    ++step.image_count;
  }
  return step;
}

PrefillStep CutPrefill(const Scheduler::Options& options, const BatchSnapshot& snapshot) {
  PrefillStep step;
  int left = options.max_prefill_tokens;
  for (int pending : snapshot.prompt_tokens) {
    if (left == 0) break;
    step.tokens.push_back(std::min(pending, left));
    left -= step.tokens.back();
  }
  return step;
}

}  // namespace

BatchStep DecideStep(const Scheduler::Options& options, const BatchSnapshot& snapshot,
                     absl::Time now) {
  const bool can_prefill = !snapshot.prompt_tokens.empty();
  const bool can_decode = snapshot.decoding > 0;
  const bool can_answer = can_prefill || can_decode;

  const bool can_perceive = !snapshot.images.empty();
  const bool can_look_again = !snapshot.parts.empty();

  if ((can_perceive || can_look_again) && !(can_answer && snapshot.perceived_last)) {
    if (can_look_again && !(can_perceive && snapshot.looked_again_last)) {
      return CutLookAgain(options, snapshot);
    }
    const PerceiveBatch batch = CutPerceiveBatch(options, snapshot);
    const absl::Time due = snapshot.images.front().since + options.max_queue_delay;
    if (can_answer || can_look_again || batch.full || due <= now) {
      return PerceiveStep{batch.image_count};
    }
    return WaitStep{due};
  }
  if (can_prefill && !(can_decode && snapshot.prefilled_last)) {
    return CutPrefill(options, snapshot);
  }
  if (can_decode) return DecodeStep{};
  return WaitStep{absl::InfiniteFuture()};
}

bool MayBeginAnswer(const Scheduler::Options& options, int running, int64_t pending_prompt_tokens) {
  return running < options.max_running_sequences &&
         pending_prompt_tokens < options.max_prefill_tokens;
}

}  // namespace mrmllm
