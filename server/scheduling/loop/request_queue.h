// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_QUEUE_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_QUEUE_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "base/clock.h"
#include "server/scheduling/admission.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// A request on its way to the executor thread, with its place in the ledger.
struct SubmittedRequest {
  RequestHandle handle = 0;  // grows with every submission: the order of arrival
  Request request;
  Reservation place;
  absl::Time submitted;
};

// Where callers hand work to the executor thread, and the only thing the two share. Bounded by the
// ledger: every request in it holds a place there.
//
//   queue.Push(submitted);                                 // callers
//   queue.AwaitNews(until);  auto news = queue.Collect();  // executor thread, at a step boundary
//   queue.MarkEnded(1);                                   // executor thread, after OnDone
//
// Thread-safety: safe for concurrent use; one thread collects. Ownership: the clock must outlive
// it. Errors: Push: UNAVAILABLE when closed, DEADLINE_EXCEEDED when the request has expired
// already, INVALID_ARGUMENT when an image has neither input nor perception.
class RequestQueue {
 public:
  // What callers did since the last Collect.
  struct News {
    std::vector<SubmittedRequest> submitted;  // in the order of Push
    std::vector<RequestHandle> cancelled;     // some may have ended already
    bool stopping = false;                    // nothing will be submitted after this
  };

  explicit RequestQueue(Clock* clock) : clock_(clock) {}

  // Takes the request only when it returns OK.
  absl::Status Push(SubmittedRequest& submitted);
  // Whether Push would take it.
  absl::Status Check(const Request& request) const;
  void Cancel(RequestHandle handle);
  void StopAccepting();
  void Stop();
  bool AwaitIdle(absl::Time deadline);

  // Requests that were pushed and have not ended.
  int open() const;
  // When the executor last showed a sign of life; an empty queue does not age.
  absl::Time last_progress() const;

  News Collect();
  // The last news: Push answers `refusal` from then on.
  News Close(absl::Status refusal);
  // Waits until there is news, or until `until`.
  void AwaitNews(absl::Time until);
  void MarkEnded(int count);
  void MarkProgress();

 private:
  absl::Status CheckLocked(const Request& request) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Refuse(absl::Status refusal) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNews() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !news_.submitted.empty() || !news_.cancelled.empty() || news_.stopping;
  }
  bool IsIdle() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return open_ == 0; }

  Clock* const clock_;
  mutable absl::Mutex mutex_;
  News news_ ABSL_GUARDED_BY(mutex_);
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);  // of Push; OK: it accepts
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_progress_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_REQUEST_QUEUE_H_
