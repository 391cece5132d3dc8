// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_RPC_STATUS_H_
#define MRMLLM_CLIENT_RPC_STATUS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace mrmllm {

// What a call ended with, details included: the message also names the fields of a
// google.rpc.BadRequest and the request id of a google.rpc.RequestInfo, and every detail is a
// payload of the status under its type URL.
absl::Status ToAbslStatus(const grpc::Status& status);

// The same for an error inside a message (DetectStreamResponse.error).
absl::Status ToAbslStatus(const google::rpc::Status& status);

// When the server wants the caller back (google.rpc.RetryInfo), if it said so.
std::optional<absl::Duration> RetryInfoOf(const absl::Status& status);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_RPC_STATUS_H_
