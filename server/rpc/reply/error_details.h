// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_ERROR_DETAILS_H_
#define MRMLLM_SERVER_RPC_REPLY_ERROR_DETAILS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mrmllm {

// What is wrong with one field of a request.
struct FieldViolation {
  std::string field;        // "images[2].content"
  std::string description;  // "expected ..., got ..."

  bool operator==(const FieldViolation&) const = default;
};

// The google.rpc detail messages travel as payloads of absl::Status, under the type URL that they
// have in google.protobuf.Any; ToGrpcStatus (grpc_status.h) puts them into the reply.

// INVALID_ARGUMENT with a google.rpc.BadRequest. The text is the first violation's, and tells how
// many more there are; the details list the first kMaxListedViolations.
// REQUIRES: `violations` is not empty.
inline constexpr size_t kMaxListedViolations = 6;
inline constexpr size_t kMaxViolationTextBytes = 256;
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);
absl::Status InvalidField(std::string_view field, std::string_view description);

// `status` with a google.rpc.RetryInfo: when to come back.
absl::Status WithRetryInfo(absl::Status status, absl::Duration delay);

// NOT_FOUND with a google.rpc.ResourceInfo.
absl::Status ResourceNotFound(std::string_view type, std::string_view name, std::string_view text);

// `text` for an error message: bytes that are not printable ASCII escaped, cut at `max_bytes` with
// an ellipsis.
std::string Quoted(std::string_view text, size_t max_bytes = 64);

// `text` cut to at most `max_bytes`, between two UTF-8 characters.
std::string_view CutText(std::string_view text, size_t max_bytes);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_ERROR_DETAILS_H_
