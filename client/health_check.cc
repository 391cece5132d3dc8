// SPDX-License-Identifier: Apache-2.0
#include "client/health_check.h"

#include "absl/synchronization/notification.h"
#include "client/rpc_status.h"
#include "google/protobuf/wrappers.pb.h"
#include "grpcpp/generic/generic_stub.h"

namespace mrmllm {
namespace {

// Debian ships no stubs for grpc.health.v1. Its two messages are these two on the wire:
// HealthCheckRequest { string service = 1; } and HealthCheckResponse { ServingStatus status = 1; }.
using Request = google::protobuf::StringValue;
using Response = google::protobuf::Int32Value;

constexpr int kServing = 1;
constexpr int kNotServing = 2;

}  // namespace

absl::StatusOr<ServingStatus> CheckHealth(const std::shared_ptr<grpc::Channel>& channel,
                                          const std::string& service,
                                          grpc::ClientContext* context) {
  grpc::TemplatedGenericStub<Request, Response> stub(channel);
  Request request;
  request.set_value(service);
  Response response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  // Ends with the call, at the context's deadline at the latest.
  done.WaitForNotification();
  if (!status.ok()) return ToAbslStatus(status);
  if (response.value() == kServing) return ServingStatus::kServing;
  return response.value() == kNotServing ? ServingStatus::kNotServing : ServingStatus::kUnknown;
}

}  // namespace mrmllm
