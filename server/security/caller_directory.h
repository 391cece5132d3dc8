// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_CALLER_DIRECTORY_H_
#define MRMLLM_SERVER_SECURITY_CALLER_DIRECTORY_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "server/security/caller.h"

namespace mrmllm {

// Finds callers by what they show.
// Thread-safety: immutable. Ownership: callers that were found live as long as the directory.
class CallerDirectory {
 public:
  explicit CallerDirectory(Callers callers);

  // Null: nobody's. Takes the same time whoever's key it is, and whether it is anybody's.
  const Caller* FindByKey(std::string_view key) const;

  // The first of a certificate's names ("uri:...", "dns:...", "cn:...") that a caller has. Null:
  // nobody's.
  const Caller* FindByCertificate(const std::vector<std::string>& names) const;

  // Empty terms for a tenant without its own.
  const TenantTerms& TermsOf(std::string_view tenant) const;

  const Callers& content() const { return content_; }

 private:
  const Callers content_;
  std::vector<std::pair<KeyDigest, const Caller*>> keys_;
  absl::flat_hash_map<std::string, const Caller*> certificates_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_CALLER_DIRECTORY_H_
