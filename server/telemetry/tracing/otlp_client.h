// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_TRACING_OTLP_CLIENT_H_
#define MRMLLM_SERVER_TELEMETRY_TRACING_OTLP_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace mrmllm {

// Where spans are sent.
// Thread-safety: Export by one thread at a time, Cancel by any.
class OtlpClient {
 public:
  using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;

  virtual ~OtlpClient() = default;

  // Sends once and waits for at most `timeout`. Returns how many of the spans the collector
  // refused. Errors: what gRPC says; CANCELLED after Cancel.
  virtual absl::StatusOr<int64_t> Export(const Request& request, absl::Duration timeout) = 0;

  // Ends an Export under way, and every one to come.
  virtual void Cancel() = 0;
};

// A collector that takes OTLP over gRPC at `endpoint`: host:port in plain text, as with http://
// before it; with https:// over TLS, believing the system's authorities. Connects when it is first
// used.
std::unique_ptr<OtlpClient> MakeOtlpClient(std::string_view endpoint);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_TRACING_OTLP_CLIENT_H_
