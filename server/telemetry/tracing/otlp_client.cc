// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/otlp_client.h"

#include <chrono>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace mrmllm {
namespace {

namespace collector = opentelemetry::proto::collector::trace::v1;

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kTls = "https://";

std::shared_ptr<grpc::Channel> Connect(std::string_view endpoint) {
  grpc::ChannelArguments arguments;
  // Left alone it would wait for up to two minutes before it looks again.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 10'000);
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (endpoint.starts_with(kTls)) {
    credentials = grpc::SslCredentials({});
    endpoint.remove_prefix(kTls.size());
  } else {
    credentials = grpc::InsecureChannelCredentials();
    if (endpoint.starts_with(kPlain)) endpoint.remove_prefix(kPlain.size());
  }
  return grpc::CreateCustomChannel(std::string(endpoint), credentials, arguments);
}

class GrpcOtlpClient : public OtlpClient {
 public:
  explicit GrpcOtlpClient(std::string_view endpoint)
      : stub_(collector::TraceService::NewStub(Connect(endpoint))) {}

  absl::StatusOr<int64_t> Export(const Request& request, absl::Duration timeout) override {
    grpc::ClientContext context;
    // The wire keeps real time, whatever clock the caller has.
    context.set_deadline(absl::ToChronoTime(Clock::Real()->Now() + timeout));
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return absl::CancelledError("no more spans are sent");
      under_way_ = &context;
    }
    collector::ExportTraceServiceResponse response;
    const grpc::Status status = stub_->Export(&context, request, &response);
    {
      absl::MutexLock lock(&mutex_);
      under_way_ = nullptr;
    }
    if (!status.ok()) {
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
    }
    return response.partial_success().rejected_spans();
  }

  void Cancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (under_way_ != nullptr) under_way_->TryCancel();
  }

 private:
  const std::unique_ptr<collector::TraceService::Stub> stub_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* under_way_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace

std::unique_ptr<OtlpClient> MakeOtlpClient(std::string_view endpoint) {
  return std::make_unique<GrpcOtlpClient>(endpoint);
}

}  // namespace mrmllm
