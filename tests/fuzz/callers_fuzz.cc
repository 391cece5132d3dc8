// SPDX-License-Identifier: Apache-2.0
// The callers file: whoever is accepted can show something, and nobody may more than the file says.
#include "server/security/callers_file.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

void CheckRate(const RateLimit& rate) {
  FuzzCheck(rate.per_second >= 0 && rate.per_second <= kMaxCallsPerSecond, "a rate is bounded");
  FuzzCheck(rate.burst >= 0, "a burst is no debt");
}

void ParseAnything(std::string_view yaml) {
  const auto callers = ParseCallers(yaml);
  if (!callers.ok()) {
    FuzzCheck(callers.status().code() == absl::StatusCode::kInvalidArgument,
              "a refusal blames the file");
    return;
  }
  for (const Caller& caller : callers->callers) {
    FuzzCheck(!caller.id.empty() && caller.id.size() <= 64, "a caller has an id");
    FuzzCheck(!caller.keys.empty() || !caller.certificates.empty(), "a caller shows something");
    FuzzCheck(!caller.tenants.empty(), "a caller works for somebody");
    CheckRate(caller.rate);
  }
  for (const auto& [tenant, terms] : callers->tenants) {
    FuzzCheck(!tenant.empty(), "a tenant has a name");
    FuzzCheck(terms.weight.value_or(1) > 0, "a tenant has a share");
    FuzzCheck(terms.quota.requests >= 0 && terms.quota.pixels >= 0 && terms.quota.tokens >= 0,
              "a quota is no debt");
    CheckRate(terms.rate);
  }
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::ParseAnything(mrmllm::FuzzText(data, size));
  return 0;
}
