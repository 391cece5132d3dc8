// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_ACCESS_ACCESS_CONTROL_H_
#define MRMLLM_SERVER_ACCESS_ACCESS_CONTROL_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "grpcpp/security/server_credentials.h"
#include "server/access/callers_watch.h"
#include "server/access/certificate_watch.h"
#include "server/access/periodic.h"
#include "server/config/server_config.h"
#include "server/scheduling/tenant_quotas.h"
#include "server/security/call_guard.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {

// What would keep AccessControl::Create from working, without opening anything: to be asked before
// a model is loaded, which takes a while.
absl::Status CheckAccessFiles(const ServerConfig& config, absl::Time now);

// Everything that decides who may do what, made of the settings: the guard of calls, the
// listener's TLS, tenants' quotas and weights. Watches the files behind them.
//
//   ASSIGN_OR_RETURN(auto access, AccessControl::Create(config, metrics, clock));
//   context.guard = access->guard();
//   options.credentials = access->credentials();
//
// Thread-safety: safe for concurrent use; two threads of its own. Ownership: metrics and clock
// outlive it; it outlives the gRPC server. Errors: Create: settings that contradict each other, and
// files that cannot be used, each by name.
class AccessControl {
 public:
  static absl::StatusOr<std::unique_ptr<AccessControl>> Create(const ServerConfig& config,
                                                               Metrics* metrics, Clock* clock);

  CallGuard* guard() { return &guard_; }
  // Null: no TLS.
  std::shared_ptr<grpc::ServerCredentials> credentials() const;
  const std::shared_ptr<TenantQuotas>& quotas() const { return quotas_; }

  // `weights`, with those of the callers file, as it was at the start, put over them.
  void AddWeights(absl::flat_hash_map<std::string, double>* weights) const;

 private:
  AccessControl(const ServerConfig& config, Clock* clock);
  absl::Status OpenTls(const ServerConfig& config, Metrics* metrics);
  absl::Status OpenCallers(const ServerConfig& config);

  Clock* const clock_;
  CallGuard guard_;
  const std::shared_ptr<TenantQuotas> quotas_ = std::make_shared<TenantQuotas>();
  std::unique_ptr<CertificateWatch> certificate_;
  std::unique_ptr<CallersWatch> callers_;
  absl::flat_hash_map<std::string, double> weights_;
  // Last: they use the above.
  std::unique_ptr<Periodic> certificate_timer_;
  std::unique_ptr<Periodic> callers_timer_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_ACCESS_ACCESS_CONTROL_H_
