// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_TENANT_WEIGHTS_H_
#define MRMLLM_SERVER_CONFIG_TENANT_WEIGHTS_H_

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace mrmllm {

inline constexpr double kMaxTenantWeight = 1000;

// Reads tenancy.weights: "a=3,b=0.5", tenants with their weights in (0, 1000], blanks around them
// ignored; empty: none. A tenant that is not named weighs 1.
// Errors: INVALID_ARGUMENT names the pair at fault.
absl::StatusOr<absl::flat_hash_map<std::string, double>> ParseTenantWeights(std::string_view text);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_TENANT_WEIGHTS_H_
