// SPDX-License-Identifier: Apache-2.0
#include "client/rpc_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace mrmllm {
namespace {

constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";

// Adds what a person needs of `detail` to `message`, unless the server wrote it there already.
void AppendDetail(const google::protobuf::Any& detail, std::string* message) {
  google::rpc::BadRequest bad_request;
  if (detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      if (absl::StrContains(*message, violation.description()) &&
          absl::StrContains(*message, violation.field())) {
        continue;
      }
      absl::StrAppend(message, message->empty() ? "" : "; ", violation.field(), ": ",
                      violation.description());
    }
  }
  google::rpc::RequestInfo request_info;
  if (detail.UnpackTo(&request_info) && !absl::StrContains(*message, request_info.request_id())) {
    absl::StrAppend(message, " (request id ", request_info.request_id(), ")");
  }
}

absl::StatusCode ToAbslCode(int code) {
  const bool known = code >= 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  return known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
}

}  // namespace

absl::Status ToAbslStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  std::string message = status.message();
  for (const auto& detail : status.details()) AppendDetail(detail, &message);
  absl::Status result(ToAbslCode(status.code()), message);
  for (const auto& detail : status.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

absl::Status ToAbslStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rich;
  // Details that do not parse are a proxy's or a stranger's: the plain status still holds.
  if (!rich.ParseFromString(status.error_details())) rich.Clear();
  rich.set_code(status.error_code());
  rich.set_message(status.error_message());
  return ToAbslStatus(rich);
}

std::optional<absl::Duration> RetryInfoOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryInfoUrl);
  google::rpc::RetryInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return std::nullopt;
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

}  // namespace mrmllm
