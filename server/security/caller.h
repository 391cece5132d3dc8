// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_CALLER_H_
#define MRMLLM_SERVER_SECURITY_CALLER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "server/scheduling/request.h"
#include "server/scheduling/tenant_quotas.h"
#include "server/security/api_key.h"
#include "server/security/rate_limiter.h"

namespace mrmllm {

// Somebody who may call: a program, with its keys or its certificate.
struct Caller {
  std::string id;                           // for logs
  std::vector<std::string> tenants;         // whom it works for; the first unless it says
  std::vector<KeyDigest> keys;              //
  std::vector<std::string> certificates;    // "uri:...", "dns:..." or "cn:..."
  bool any_rpc = false;                     // every method but those of administrators
  absl::flat_hash_set<std::string> rpcs;    // "Detect"
  bool admin = false;                       // may also load and unload models
  Priority max_priority = Priority::kHigh;  // a higher wish is lowered to it
  RateLimit rate;                           // of its calls, whatever the tenant
};

// What one tenant gets, apart from the settings that hold for every tenant.
struct TenantTerms {
  std::optional<double> weight;
  LedgerAmounts quota;  // 0: as the settings say
  RateLimit rate;       // 0: as the settings say
};

// The content of a callers file.
struct Callers {
  std::vector<Caller> callers;
  absl::flat_hash_map<std::string, TenantTerms> tenants;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_CALLER_H_
