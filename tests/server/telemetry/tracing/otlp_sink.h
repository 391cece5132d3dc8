// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_TELEMETRY_TRACING_OTLP_SINK_H_
#define MRMLLM_TESTS_SERVER_TELEMETRY_TRACING_OTLP_SINK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace mrmllm {

// A collector that keeps the spans it is sent.
//
//   OtlpSink sink;                       // takes a free port
//   ... MakeOtlpClient(sink.endpoint()) ...
//   sink.AwaitSpans(3);
//
// Thread-safety: safe for concurrent use.
class OtlpSink final : public opentelemetry::proto::collector::trace::v1::TraceService::Service {
 public:
  using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
  using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
  using Span = opentelemetry::proto::trace::v1::Span;

  explicit OtlpSink(int port = 0) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~OtlpSink() override {
    Release();
    server_->Shutdown();
  }

  int port() const { return port_; }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  // From now on an export is not answered until Release, or until its caller has gone.
  void Hold() {
    absl::MutexLock lock(&mutex_);
    holding_ = true;
  }
  void Release() {
    absl::MutexLock lock(&mutex_);
    holding_ = false;
  }
  void AwaitHeld() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&held_));
  }
  // The next answers say that so many spans were refused.
  void Refuse(int64_t spans) {
    absl::MutexLock lock(&mutex_);
    refused_ = spans;
  }

  // Waits for so many; returns all.
  std::vector<Span> AwaitSpans(size_t count) {
    const auto enough = [this, count]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return spans_.size() >= count; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
    return spans_;
  }
  Request last_request() {
    absl::MutexLock lock(&mutex_);
    return last_request_;
  }

  grpc::Status Export(grpc::ServerContext* context, const Request* request,
                      Response* response) override {
    const auto may_go_on = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !holding_; };
    absl::MutexLock lock(&mutex_);
    held_ = holding_;
    while (!mutex_.AwaitWithTimeout(absl::Condition(&may_go_on), absl::Milliseconds(5))) {
      if (context->IsCancelled()) return grpc::Status::CANCELLED;
    }
    held_ = false;
    last_request_ = *request;
    for (const auto& resource : request->resource_spans()) {
      for (const auto& scope : resource.scope_spans()) {
        spans_.insert(spans_.end(), scope.spans().begin(), scope.spans().end());
      }
    }
    response->mutable_partial_success()->set_rejected_spans(refused_);
    return grpc::Status::OK;
  }

 private:
  int port_ = 0;
  absl::Mutex mutex_;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Span> spans_ ABSL_GUARDED_BY(mutex_);
  Request last_request_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_TELEMETRY_TRACING_OTLP_SINK_H_
