// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_OBSERVERS_H_
#define MRMLLM_SERVER_TELEMETRY_OBSERVERS_H_

#include "server/rpc/observer.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/scheduler.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/tracing/trace_exporter.h"

namespace mrmllm {

// Makes metrics of what the scheduler does.
// Thread-safety: safe for concurrent use. Ownership: `metrics` outlives it.
class SchedulerTelemetry : public SchedulerObserver {
 public:
  SchedulerTelemetry(Metrics* metrics, const Scheduler::Options& bounds);

  void OnStep(StepKind kind, int batch_size, int units, absl::Duration duration) override;
  void OnQueueWait(StepKind kind, absl::Duration wait) override;
  void OnFirstToken(absl::Duration since_arrival) override;
  void OnTimePerOutputToken(absl::Duration duration) override;
  void OnSharedPerceptions(int images) override;
  void OnSecondLook(int parts, int added, int changed) override;
  void OnLoad(int waiting, int running_sequences, int64_t cache_bytes) override;

 private:
  Metrics* const metrics_;
  const int max_batch_images_;
  const int max_prefill_tokens_;
  const int max_running_sequences_;
};

// Makes metrics, spans and the one log line a request of what the RPC layer does.
// Thread-safety: safe for concurrent use. Ownership: `metrics` and `traces` outlive it; `traces`
// may be null.
class RpcTelemetry : public RpcObserver {
 public:
  explicit RpcTelemetry(Metrics* metrics, TraceExporter* traces = nullptr)
      : metrics_(metrics), traces_(traces) {}

  void OnRequestDone(const RequestRecord& record) override;
  void OnRejection(Rejection rejection) override;
  void OnAuthFailure(AuthFailure failure) override;
  void OnImageDecode(absl::Duration duration) override;
  void OnCacheLookup(int hits, int misses) override;
  void OnAgreement(const Agreement& agreement) override;

 private:
  Metrics* const metrics_;
  TraceExporter* const traces_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_OBSERVERS_H_
