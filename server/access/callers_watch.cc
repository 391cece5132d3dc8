// SPDX-License-Identifier: Apache-2.0
#include "server/access/callers_watch.h"

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/security/callers_file.h"
#include "server/security/file_text.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

absl::Status Explain(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("auth.callers_file: ", path, ": ", status.message()));
}

}  // namespace

absl::Status CheckCallersFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFileText(path, kMaxCallersFileBytes);
  if (!text.ok()) return Explain(path, text.status());
  const absl::StatusOr<Callers> callers = ParseCallers(*text);
  return callers.ok() ? absl::OkStatus() : Explain(path, callers.status());
}

absl::StatusOr<std::unique_ptr<CallersWatch>> CallersWatch::Create(
    const std::string& path, CallGuard* guard, std::shared_ptr<TenantQuotas> quotas) {
  auto watch = absl::WrapUnique(new CallersWatch(path, guard, std::move(quotas)));
  RETURN_IF_ERROR(watch->Read());
  return watch;
}

void CallersWatch::Look() {
  const std::string fault(Read().message());
  if (!fault.empty() && fault != last_fault_) {
    Log(LogLevel::kWarning, "the new callers file is no good; the callers stay as they were",
        {{"error", fault}});
  }
  last_fault_ = fault;
}

absl::Status CallersWatch::Read() {
  absl::StatusOr<std::string> text = ReadFileText(path_, kMaxCallersFileBytes);
  if (!text.ok()) return Explain(path_, text.status());
  if (directory_ != nullptr && *text == text_) return absl::OkStatus();
  absl::StatusOr<Callers> callers = ParseCallers(*text);
  if (!callers.ok()) return Explain(path_, callers.status());

  TenantQuotas::Table quotas;
  for (const auto& [tenant, terms] : callers->tenants) quotas[tenant] = terms.quota;
  quotas_->Set(std::move(quotas));
  directory_ = std::make_shared<const CallerDirectory>(*std::move(callers));
  guard_->SetCallers(directory_);
  text_ = *std::move(text);
  Log(LogLevel::kInfo, "callers loaded",
      {{"file", path_},
       {"callers", static_cast<int64_t>(directory_->content().callers.size())},
       {"tenants_with_terms", static_cast<int64_t>(directory_->content().tenants.size())}});
  return absl::OkStatus();
}

}  // namespace mrmllm
