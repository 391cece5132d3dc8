// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_OBSERVER_H_
#define MRMLLM_SERVER_RPC_OBSERVER_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/trace_context.h"
#include "server/rpc/reply/agreement.h"
#include "server/scheduling/request.h"
#include "server/security/auth_failure.h"

namespace mrmllm {

// What one request came to, for metrics and the one log line; nothing of its content.
struct RequestRecord {
  std::string_view method;  // a literal: "Detect"
  std::string request_id;
  std::string caller;  // its id; empty: callers need not say who they are
  std::string tenant;  // empty: the caller named none
  TraceContext trace;
  Priority priority = Priority::kNormal;
  bool scheduled = false;  // the scheduler took it
  absl::Status status;     // as the server knows it: the caller sees less of an INTERNAL one
  absl::Time at;           // its arrival
  absl::Duration total;
  absl::Time handed_over;       // to the decode pool
  absl::Duration image_decode;  // from then; zero when nothing was handed over
  int image_count = 0;
  int cached_image_count = 0;  // of these, perceived before
  RequestResult result;        // its `answer` is left empty
};

// Why a request was turned away before the model's work.
enum class Rejection {
  kInvalid,       // a field, an image's header, an image_id or the tenant
  kOverload,      // no room in the ledger, or too many requests a second
  kNotAccepting,  // draining
  kDeadline,      // it would not be done in time, by the scheduler's estimate
  kDenied,        // nobody knows who calls, or they may not
};

// Why a request with such a fault was turned away.
inline Rejection RejectionOf(const absl::Status& status) {
  if (absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status)) {
    return Rejection::kDenied;
  }
  if (absl::IsResourceExhausted(status)) return Rejection::kOverload;
  return absl::IsUnavailable(status) ? Rejection::kNotAccepting : Rejection::kInvalid;
}

// Hears what becomes of requests; telemetry makes metrics and log lines of it. Every method has a
// default that does nothing. Thread-safety: methods may be called from several threads at once and
// must return quickly.
class RpcObserver {
 public:
  virtual ~RpcObserver() = default;

  // One request ended; each frame of a DetectStream is one.
  virtual void OnRequestDone(const RequestRecord&) {}

  virtual void OnRejection(Rejection) {}

  // A call was not let in: of one of our methods, of reflection, or of health.
  virtual void OnAuthFailure(AuthFailure) {}

  // One request's images were made ready: from hand-over to the decode pool to the end.
  virtual void OnImageDecode(absl::Duration) {}

  // An answer claimed something of objects; this is how far the boxes of its reply bear it out.
  virtual void OnAgreement(const Agreement&) {}

  // One request's images were looked up in the feature cache.
  virtual void OnCacheLookup(int /*hits*/, int /*misses*/) {}
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_OBSERVER_H_
