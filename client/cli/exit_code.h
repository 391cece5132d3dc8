// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_EXIT_CODE_H_
#define MRMLLM_CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace mrmllm {

// What the command ends with. --help lists them (kExitCodesHelp).
enum class ExitCode {
  kOk = 0,
  kSomeFailed = 1,   // some images failed, others did not
  kUsage = 2,        // wrong options, or an input that cannot be read
  kUnreachable = 3,  // no server there, or not ready
  kRefused = 4,      // the server refused the request
  kTimeout = 5,      // the time was up
  kServerError = 6,  // the server failed
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  everything done (health: serving)\n"
    "  1  some images failed, others did not\n"
    "  2  wrong options, or an input cannot be read\n"
    "  3  the server cannot be reached or is not ready\n"
    "  4  the server refused the request (image, question, option, key, queue full)\n"
    "  5  the time was up (--timeout)\n"
    "  6  the server failed\n";

// For the end of a call; kUsage for a failure marked by OnThisSide.
ExitCode ExitCodeOf(const absl::Status& status);

// Marks a failure that is not the server's: a file that cannot be read or written.
absl::Status OnThisSide(absl::Status status);

// The exit code of a command that did several things: kOk if all succeeded, kSomeFailed if some
// did, else that of the first failure.
class ExitTally {
 public:
  void Add(ExitCode code);
  ExitCode Result() const;

 private:
  bool any_ok_ = false;
  ExitCode first_failure_ = ExitCode::kOk;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_EXIT_CODE_H_
