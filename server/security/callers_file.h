// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_CALLERS_FILE_H_
#define MRMLLM_SERVER_SECURITY_CALLERS_FILE_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"

#include "server/security/caller.h"

namespace mrmllm {

inline constexpr size_t kMaxCallersFileBytes = 1 << 20;
inline constexpr double kMaxCallsPerSecond = 1e6;

// Reads the callers file:
//
//   callers:
//     - id: web-shop                       # for logs; [A-Za-z0-9._-], at most 64
//       tenant: shop                       # default: the id. Or tenants: [shop, shop-test]: it
//                                          # may name one as x-tenant, else it is the first
//       key_hashes: ["sha256:..."]         # from mrmllm_server --new-api-key
//       certificates: ["uri:spiffe://prod/shop", "dns:shop.example", "cn:shop"]
//       rpcs: [Detect, Ask]                # or ["*"]
//       admin: false                       # may load and unload models
//       max_priority: normal               # high, normal or low
//       requests_per_second: 50            # of this caller
//       burst: 100
//   tenants:                               # terms of their own; those not named have the settings'
//     shop: {weight: 3, max_requests: 32, max_pixels: 100000000, max_tokens: 50000,
//            requests_per_second: 100, burst: 200}
//
// Errors: INVALID_ARGUMENT names the entry, what was expected and, except for key hashes, what
// came. Unknown and repeated fields, a caller without a key or certificate, and a key or
// certificate of two callers are errors too.
absl::StatusOr<Callers> ParseCallers(std::string_view yaml);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_CALLERS_FILE_H_
