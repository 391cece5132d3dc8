// SPDX-License-Identifier: Apache-2.0
#include "client/cli/exit_code.h"

#include "absl/strings/cord.h"

namespace mrmllm {
namespace {

constexpr char kOnThisSideUrl[] = "mrmllm.client/OnThisSide";

}  // namespace

absl::Status OnThisSide(absl::Status status) {
  status.SetPayload(kOnThisSideUrl, absl::Cord());
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.GetPayload(kOnThisSideUrl).has_value()) return ExitCode::kUsage;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kTimeout;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
      return ExitCode::kRefused;
    default:
      return ExitCode::kServerError;
  }
}

void ExitTally::Add(ExitCode code) {
  if (code == ExitCode::kOk) {
    any_ok_ = true;
  } else if (first_failure_ == ExitCode::kOk) {
    first_failure_ = code;
  }
}

ExitCode ExitTally::Result() const {
  if (first_failure_ == ExitCode::kOk) return ExitCode::kOk;
  return any_ok_ ? ExitCode::kSomeFailed : first_failure_;
}

}  // namespace mrmllm
