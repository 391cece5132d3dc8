// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_ACCESS_CALLERS_WATCH_H_
#define MRMLLM_SERVER_ACCESS_CALLERS_WATCH_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/scheduling/tenant_quotas.h"
#include "server/security/call_guard.h"

namespace mrmllm {

// Whether the file at `path` could be served with; the same errors as CallersWatch::Create.
absl::Status CheckCallersFile(const std::string& path);

// Keeps the guard's callers, and the quotas of their tenants, as the callers file has them. A file
// that is broken is said once, and what was known stays.
//
//   ASSIGN_OR_RETURN(auto watch, CallersWatch::Create("callers.yaml", &guard, quotas));
//   ... every now and then: watch->Look(); ...
//
// Thread-safety: one thread at a time. Ownership: the guard outlives it.
class CallersWatch {
 public:
  // Errors: those of ReadFileText and ParseCallers, with the setting's name and the path.
  static absl::StatusOr<std::unique_ptr<CallersWatch>> Create(const std::string& path,
                                                              CallGuard* guard,
                                                              std::shared_ptr<TenantQuotas> quotas);

  void Look();

  // As they were when the file was last read.
  const Callers& callers() const { return directory_->content(); }

 private:
  CallersWatch(const std::string& path, CallGuard* guard, std::shared_ptr<TenantQuotas> quotas)
      : path_(path), guard_(guard), quotas_(std::move(quotas)) {}

  // OK where nothing has changed.
  absl::Status Read();

  const std::string path_;
  CallGuard* const guard_;
  const std::shared_ptr<TenantQuotas> quotas_;
  std::string text_;
  std::shared_ptr<const CallerDirectory> directory_;
  std::string last_fault_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_ACCESS_CALLERS_WATCH_H_
