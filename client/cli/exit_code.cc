// SPDX-License-Identifier: Apache-2.0
#include "client/cli/exit_code.h"

namespace mrmllm {

ExitCode ExitCodeOf(const absl::Status& status) {
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
