// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_TENANT_H_
#define MRMLLM_BASE_TENANT_H_

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"

namespace mrmllm {

inline constexpr size_t kMaxTenantBytes = 64;

// Whether `name` can name a tenant: 1 to 64 characters of [A-Za-z0-9._-]. Requests that name none
// are the tenant "" together.
inline bool IsValidTenant(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTenantBytes &&
         std::ranges::all_of(name, [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace mrmllm

#endif  // MRMLLM_BASE_TENANT_H_
