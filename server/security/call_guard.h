// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_CALL_GUARD_H_
#define MRMLLM_SERVER_SECURITY_CALL_GUARD_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "base/clock.h"
#include "server/security/auth_failure.h"
#include "server/security/caller_directory.h"
#include "server/security/rate_limiter.h"

namespace mrmllm {

// What a call showed of its caller.
struct CallCredentials {
  std::string_view api_key;              // empty: none
  bool malformed = false;                // several keys, or an authorization of another kind
  std::vector<std::string> certificate;  // names of a certificate that the handshake has verified
};

// Decides which calls come in: who calls, whether they may call this method, for which tenant, and
// how often.
//
//   CallGuard guard({.clock = clock, .tenant_rate = {.per_second = 100}});
//   guard.SetCallers(std::make_shared<CallerDirectory>(*std::move(callers)));   // also later
//   const CallGuard::Verdict verdict = guard.Check("Detect", credentials, "shop");
//
// Without callers everyone may call every method, except those of administrators, as the tenant
// that they name.
//
// Thread-safety: safe for concurrent use. Ownership: the clock outlives it.
// Errors: Verdict::status is UNAUTHENTICATED when it is not known who calls, PERMISSION_DENIED when
// it is but they may not, RESOURCE_EXHAUSTED when they call too often. None of them says which key
// would have been right, nor repeats one.
class CallGuard {
 public:
  struct Options {
    Clock* clock = nullptr;
    RateLimit tenant_rate;    // of each tenant without terms of its own
    bool open_admin = false;  // without callers: everyone is an administrator
  };
  struct Verdict {
    absl::Status status;
    absl::Duration retry_after;          // of RESOURCE_EXHAUSTED: exactly when there is room
    std::optional<AuthFailure> failure;  // of the other two
    std::string caller;                  // its id; empty: nobody was asked
    std::string tenant;
    Priority max_priority = Priority::kHigh;
  };

  explicit CallGuard(const Options& options) : options_(options) {}

  // From the next call on; null: no authentication.
  void SetCallers(std::shared_ptr<const CallerDirectory> callers) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether callers have to say who they are.
  bool closed() const { return callers() != nullptr; }

  // `tenant`: the one that the call names; empty: none.
  Verdict Check(std::string_view method, const CallCredentials& credentials,
                std::string_view tenant) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::shared_ptr<const CallerDirectory> callers() const ABSL_LOCKS_EXCLUDED(mutex_);
  Verdict CheckOpen(std::string_view method, std::string_view tenant) const;
  static Verdict CheckClosed(const CallerDirectory& callers, std::string_view method,
                             const CallCredentials& credentials, std::string_view tenant,
                             const Caller** caller);

  const Options options_;
  RateLimiter rates_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const CallerDirectory> callers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_CALL_GUARD_H_
