// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_TRACING_TRACE_EXPORTER_H_
#define MRMLLM_SERVER_TELEMETRY_TRACING_TRACE_EXPORTER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/rpc/observer.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/tracing/otlp_client.h"
#include "server/telemetry/tracing/rpc_names.h"

namespace mrmllm {

// Turns ended requests into spans and sends them to a collector, in batches, from a thread of its
// own. Its memory is bounded: what does not fit is dropped, the newest first. A collector that is
// away is asked again ever more rarely; a batch that it does not take five times is given up.
// Everything is counted (see Metrics::RecordTraceSpans).
//
//   TraceExporter exporter({.service_name = "mrmllm"}, MakeOtlpClient("localhost:4317"), &metrics,
//                          Clock::Real());
//   exporter.Offer(record);              // when a request has ended
//   exporter.Stop(absl::Seconds(5));     // sends what is left
//
// Thread-safety: safe for concurrent use; Offer never waits for the collector.
// Ownership: `metrics` and `clock` outlive it.
class TraceExporter {
 public:
  struct Options {
    int64_t max_queued_spans = 2048;  // of requests that wait or are being sent, >= 1
    absl::Duration export_timeout = absl::Seconds(5);  // of one attempt
    std::string service_name = "mrmllm";
  };
  static constexpr int kBatchSpans = 512;  // a batch ends with the request that reaches them
  static constexpr absl::Duration kBatchDelay = absl::Seconds(1);  // how long one is filled
  static constexpr int kAttempts = 5;
  static constexpr absl::Duration kFirstBackOff = absl::Seconds(1);  // doubled each time, up to
  static constexpr absl::Duration kLongestBackOff = absl::Seconds(30);

  TraceExporter(Options options, std::unique_ptr<OtlpClient> client, Metrics* metrics,
                Clock* clock);
  ~TraceExporter();  // Stop(zero)

  // Takes a request's spans, or drops them. Nothing happens to one whose trace is not sampled.
  void Offer(const RequestRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);

  // Sends what waits, each batch once, and ends; after `patience` the rest is given up. Idempotent.
  void Stop(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Batch {
    OtlpClient::Request request;
    int64_t spans = 0;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until there is something to send. False: there is nothing, and nothing more will come.
  bool AwaitBatch(std::vector<RequestRecord>* records) ABSL_LOCKS_EXCLUDED(mutex_);
  Batch MakeBatch(const std::vector<RequestRecord>& records) const;
  void Deliver(const Batch& batch) ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteDelivery(const absl::Status& status);
  absl::Duration AttemptTimeout() ABSL_LOCKS_EXCLUDED(mutex_);
  // False: it is being stopped.
  bool BackOff() ABSL_LOCKS_EXCLUDED(mutex_);
  bool BatchIsDue() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool HasNews() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const Options options_;
  const std::unique_ptr<OtlpClient> client_;
  Metrics* const metrics_;
  Clock* const clock_;
  const RpcNames names_;
  const std::string instance_id_;  // of this process

  // The thread's alone.
  absl::Duration back_off_ = kFirstBackOff;
  bool collector_is_there_ = true;

  absl::Mutex mutex_;
  std::deque<RequestRecord> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t waiting_spans_ ABSL_GUARDED_BY(mutex_) = 0;  // in queue_
  int64_t held_spans_ ABSL_GUARDED_BY(mutex_) = 0;     // these and those being sent
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time stop_by_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_TRACING_TRACE_EXPORTER_H_
