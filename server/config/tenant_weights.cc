// SPDX-License-Identifier: Apache-2.0
#include "server/config/tenant_weights.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/string_views.h"
#include "base/tenant.h"

namespace mrmllm {
namespace {

absl::Status Refuse(absl::string_view pair, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("'", pair.substr(0, 200), "' ", AbslView(reason)));
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<std::string, double>> ParseTenantWeights(std::string_view text) {
  absl::flat_hash_map<std::string, double> weights;
  if (absl::StripAsciiWhitespace(AbslView(text)).empty()) return weights;
  for (const absl::string_view pair : absl::StrSplit(AbslView(text), ',')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(pair, '=');
    if (sides.size() != 2) return Refuse(pair, "is not of the form tenant=weight");
    const std::string tenant(absl::StripAsciiWhitespace(sides[0]));
    if (!IsValidTenant(tenant)) {
      return Refuse(pair, "names no tenant: 1 to 64 characters of [A-Za-z0-9._-]");
    }
    double weight = 0;
    // Written so that NaN is refused too.
    if (!absl::SimpleAtod(sides[1], &weight) || !(weight > 0 && weight <= kMaxTenantWeight)) {
      return Refuse(pair, "has no weight in (0, 1000]");
    }
    if (!weights.try_emplace(tenant, weight).second) return Refuse(pair, "names a tenant again");
  }
  return weights;
}

}  // namespace mrmllm
