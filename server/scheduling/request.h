// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_REQUEST_H_
#define MRMLLM_SERVER_SCHEDULING_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/engine.h"

namespace mrmllm {

// Where a request's time went, from Submit to its end. The stages follow each other without gaps,
// so they add up to the whole; those that did not come are zero.
struct ExecutionTimings {
  absl::Time submitted = absl::InfinitePast();  // when the first stage began
  absl::Duration perceive_queue;                // until its first image is looked at
  absl::Duration perceive;                      // until all its images are perceived
  absl::Duration look_again;                    // until the last second look, its queue included
  absl::Duration prefill_queue;                 // until its first prompt token is processed
  absl::Duration prefill;                       // until its first answer token
  absl::Duration decode;                        // until its end
  absl::Duration time_to_first_token;           // from Request::arrival; zero when none came
};

// What a request came to; filled as far as it got when the status is not OK.
struct RequestResult {
  std::string answer;  // all of it
  FinishReason finish = FinishReason::kNone;
  bool degraded = false;  // the answer was left out: only the perceptions came in time
  TokenUsage usage;
  ExecutionTimings timings;
};

// Hears what becomes of one request.
// Thread-safety: called by one thread at a time, in the order below, from the executor thread (or
// from within Submit, Cancel or Stop); must return quickly and must not call back into the
// scheduler.
class RequestListener {
 public:
  virtual ~RequestListener() = default;

  // All images were looked at once, and parts of some will be looked at again: what was seen so
  // far, as OnPerceived tells it. Only where a second look follows; again when the request is begun
  // anew on another engine.
  virtual void OnFirstLook(const std::vector<std::shared_ptr<const Perception>>& /*images*/) {}

  // All images are perceived, second looks included: one Perception for every Request::images, in
  // their order. At most once; not called for a request without images.
  virtual void OnPerceived(const std::vector<std::shared_ptr<const Perception>>& images) = 0;

  // The next piece of the answer, whole UTF-8 characters, never empty.
  virtual void OnText(std::string_view delta) = 0;

  // The end, exactly once. OK, or CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE (stopped), or what the
  // engine said of this request.
  virtual void OnDone(absl::Status status, const RequestResult& result) = 0;
};

// Classes of urgency. A class whose oldest request has waited long rises, so that none starves.
enum class Priority { kHigh, kNormal, kLow };

// As metrics and spans say it: "high", "normal" or "low".
constexpr std::string_view PriorityName(Priority priority) {
  switch (priority) {
    case Priority::kHigh:
      return "high";
    case Priority::kNormal:
      return "normal";
    case Priority::kLow:
      return "low";
  }
  return "unknown";
}

// One image of a request: perceived before (`perception` set, from the feature cache) or still to
// be (`input` set).
struct RequestImage {
  std::string key;  // equal keys are the same image, perceived once; empty: like no other
  std::shared_ptr<const ImageInput> input;
  std::shared_ptr<const Perception> perception;
  bool look_again = true;  // parts of it may be looked at again, where there is an `input`
};

// What the executor is asked to do: perceive the images that need it, then, if there is a question,
// answer it.
struct Request {
  std::string id;  // x-request-id, for logs
  std::vector<RequestImage> images;
  bool query_fusion = true;
  SecondLookGuide second_look;        // of all images; mode kOff: the first look is the last
  std::optional<AnswerInput> answer;  // `images` in it are filled by the scheduler
  absl::Time arrival;
  absl::Time deadline = absl::InfiniteFuture();
  std::string tenant;  // who shares the device fairly with the others
  Priority priority = Priority::kNormal;
  bool may_degrade = false;  // where the deadline leaves no time for the answer, end without it
  std::shared_ptr<RequestListener> listener;  // never null
};

// Names a submitted request.
using RequestHandle = uint64_t;

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_REQUEST_H_
