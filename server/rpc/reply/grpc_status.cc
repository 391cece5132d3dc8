// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/grpc_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/string_views.h"
#include "google/rpc/error_details.pb.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

bool IsInContract(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status ToPublicStatus(const absl::Status& status, std::string_view request_id) {
  if (IsInContract(status.code())) return status;
  return absl::InternalError(absl::StrCat(
      "internal error; the server's log tells more under request id ", AbslView(request_id)));
}

google::rpc::Status ToRpcStatus(const absl::Status& status, std::string_view request_id) {
  const absl::Status shown = ToPublicStatus(status, request_id);
  google::rpc::Status result;
  result.set_code(static_cast<int>(shown.code()));
  result.set_message(
      std::string(CutText({shown.message().data(), shown.message().size()}, kMaxErrorTextBytes)));
  shown.ForEachPayload([&result](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = result.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  if (shown.code() == absl::StatusCode::kInternal) {
    google::rpc::RequestInfo info;
    info.set_request_id(std::string(request_id));
    result.add_details()->PackFrom(info);
  }
  return result;
}

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status shown = ToRpcStatus(status, request_id);
  return grpc::Status(static_cast<grpc::StatusCode>(shown.code()), shown.message(),
                      shown.details().empty() ? std::string() : shown.SerializeAsString());
}

}  // namespace mrmllm
