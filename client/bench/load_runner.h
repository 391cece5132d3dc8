// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_LOAD_RUNNER_H_
#define MRMLLM_CLIENT_BENCH_LOAD_RUNNER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "client/bench/caller.h"
#include "client/bench/workload.h"

namespace mrmllm {

// One load: a closed loop, in which each of `clients` sends its next request when its last one has
// ended, or an open loop, in which requests arrive at random whether others have ended or not.
struct LevelPlan {
  int clients = 0;           // closed loop; [1, ...)
  double rate = 0;           // open loop: arrivals a second, > 0; 0: closed loop
  int max_in_flight = 1000;  // open loop: an arrival that finds so many is not sent
  int warmup = 0;            // requests before those that count
  int requests = 0;          // that count; 0: as many as come in `duration`
  absl::Duration duration;   // REQUIRES: > 0 where `requests` is 0
  uint64_t seed = 1;         // of the arrivals
};

// One request that counts. Durations begin where the caller wanted to send: in an open loop at the
// arrival, so that a server that falls behind cannot hide it by holding the caller up.
struct Sample {
  Rpc rpc = Rpc::kPerceive;
  absl::StatusCode code = absl::StatusCode::kOk;
  absl::Duration latency;
  std::optional<absl::Duration> first_boxes;
  std::optional<absl::Duration> first_token;
  std::optional<absl::Duration> per_token;  // after the first; of answers of two tokens and more
  int answer_tokens = 0;
  bool cached = false;
  bool degraded = false;
  bool in_window = true;  // ended before the window did: counts for throughput
};

// What came of one load.
//
// The window begins with the end of the warm-up. In a closed loop it ends with the last request
// that counts or when `duration` is over, all clients being busy until then, and the requests that
// ended in it count. In an open loop those count that arrived in it, whenever they ended.
struct LevelResult {
  LevelPlan plan;
  std::vector<Sample> samples;
  absl::Duration window;
  absl::Duration latest_start;  // open loop: how late this side was at worst in sending a request
  int not_sent = 0;             // open loop: arrivals that found max_in_flight
  int unfinished = 0;           // under way when Stop() was called
  absl::Status first_error;     // the first of the samples' failures
  bool stopped = false;
};

// Puts a load on a server and records what it sees.
//
//   LoadRunner runner(&workload, &caller, Clock::Real());
//   LevelResult result = runner.Run({.clients = 16, .warmup = 16, .requests = 200});
//
// Thread-safety: Run on one thread at a time; Stop on any.
// Ownership: what it is made of outlives it.
class LoadRunner {
 public:
  LoadRunner(Workload* workload, Caller* caller, Clock* clock)
      : workload_(*workload), caller_(*caller), clock_(*clock) {}

  // Returns when every request that it sent has ended.
  LevelResult Run(const LevelPlan& plan) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends Run early and cancels what is under way; later loads end at once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Begin(const LevelPlan& plan) ABSL_LOCKS_EXCLUDED(mutex_);
  void RunClosed(const LevelPlan& plan) ABSL_LOCKS_EXCLUDED(mutex_);
  void RunOpen(const LevelPlan& plan) ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns when the window ends if nothing else ends it before.
  absl::Time BeginWindow(absl::Time at) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndWindow(absl::Time at) ABSL_LOCKS_EXCLUDED(mutex_);
  LevelResult Finish() ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until a client has nothing to do; false when the load is over.
  bool AwaitIdleClient() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits for a moment; false when the run was stopped.
  bool AwaitTime(absl::Time at) ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes a place for an arrival, if there is one.
  bool TakePlace(bool counts) ABSL_LOCKS_EXCLUDED(mutex_);

  // `counts`: absent in a closed loop, where that shows at the end.
  void Send(absl::Time wanted, std::optional<bool> counts) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnded(Rpc rpc, absl::Time wanted, std::optional<bool> counts, const Reply& reply)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool CountsInClosedLoop(absl::Time ended) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Record(Rpc rpc, absl::Time wanted, const Reply& reply) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Time WindowLimit() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MaySendNext() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || window_end_.has_value() || in_flight_ < result_.plan.clients;
  }
  bool NoneInFlight() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return in_flight_ == 0; }

  Workload& workload_;
  Caller& caller_;
  Clock& clock_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the load that runs.
  LevelResult result_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> ends_ ABSL_GUARDED_BY(mutex_);  // of the samples
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  int warmed_up_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<absl::Time> window_begin_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Time> window_end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_LOAD_RUNNER_H_
