// SPDX-License-Identifier: Apache-2.0
#include "server/security/caller_directory.h"

#include "base/string_views.h"

namespace mrmllm {

CallerDirectory::CallerDirectory(Callers callers) : content_(std::move(callers)) {
  for (const Caller& caller : content_.callers) {
    for (const KeyDigest& key : caller.keys) keys_.push_back({key, &caller});
    for (const std::string& name : caller.certificates) certificates_[name] = &caller;
  }
}

const Caller* CallerDirectory::FindByKey(std::string_view key) const {
  const KeyDigest digest = DigestOfKey(key);
  const Caller* found = nullptr;
  // All of them, even after the right one.
  for (const auto& [known, caller] : keys_) found = SameDigest(known, digest) ? caller : found;
  return found;
}

const Caller* CallerDirectory::FindByCertificate(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    const auto found = certificates_.find(name);
    if (found != certificates_.end()) return found->second;
  }
  return nullptr;
}

const TenantTerms& CallerDirectory::TermsOf(std::string_view tenant) const {
  static const auto& none = *new TenantTerms();
  const auto found = content_.tenants.find(AbslView(tenant));
  return found == content_.tenants.end() ? none : found->second;
}

}  // namespace mrmllm
