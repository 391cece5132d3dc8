// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_GRPC_STATUS_H_
#define MRMLLM_SERVER_RPC_REPLY_GRPC_STATUS_H_

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace mrmllm {

// Longest text of an error that leaves the server, bytes.
inline constexpr size_t kMaxErrorTextBytes = 1024;

// The status as a caller may see it. Keeps the codes of the contract; every other code is a bug and
// becomes INTERNAL, whose text only points to the log, by the request id.
absl::Status ToPublicStatus(const absl::Status& status, std::string_view request_id);

// The one mapping from our errors to the wire. The text is cut at kMaxErrorTextBytes; the payloads
// that error_details.h attached become `details`, and INTERNAL carries a google.rpc.RequestInfo.
google::rpc::Status ToRpcStatus(const absl::Status& status, std::string_view request_id);
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view request_id);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_GRPC_STATUS_H_
