// SPDX-License-Identifier: Apache-2.0
#include "server/access/certificate_watch.h"

#include "absl/memory/memory.h"
#include "base/status_macros.h"
#include "server/telemetry/logging.h"

namespace mrmllm {

absl::StatusOr<std::unique_ptr<CertificateWatch>> CertificateWatch::Create(const TlsFiles& files,
                                                                           Clock* clock,
                                                                           Metrics* metrics) {
  ASSIGN_OR_RETURN(std::unique_ptr<TlsSource> source, TlsSource::Create(files, clock->Now()));
  auto watch = absl::WrapUnique(new CertificateWatch(std::move(source), clock, metrics));
  watch->Announce();
  watch->WarnOfTheEnd();
  return watch;
}

void CertificateWatch::Look() {
  const absl::StatusOr<bool> changed = source_->Refresh(clock_->Now());
  if (changed.ok() && *changed) Announce();
  const std::string fault(changed.status().message());
  if (!changed.ok() && fault != last_fault_) {
    Log(LogLevel::kWarning, "the new certificate is no good; the old one stays",
        {{"error", fault}});
  }
  last_fault_ = fault;
  WarnOfTheEnd();
}

void CertificateWatch::Announce() {
  const CertificateFacts& facts = source_->current()->facts;
  metrics_->SetCertificateExpiry(facts.not_after);
  warned_days_ = kNearEndDays + 1;
  Log(LogLevel::kInfo, "certificate loaded",
      {{"subject", facts.subject},
       {"not_after", absl::FormatTime(absl::RFC3339_sec, facts.not_after, absl::UTCTimeZone())},
       {"days_left", DaysLeft()}});
}

void CertificateWatch::WarnOfTheEnd() {
  const int64_t days = DaysLeft();
  if (days >= warned_days_) return;
  warned_days_ = days;
  if (days < 0) {
    Log(LogLevel::kError, "the certificate has expired: clients refuse to connect",
        {{"file", source_->files().certificate_file}});
  } else {
    Log(LogLevel::kWarning, "the certificate expires soon", {{"days_left", days}});
  }
}

// Whole days; below 0 once it has expired, and not further.
int64_t CertificateWatch::DaysLeft() const {
  const absl::Duration left = source_->current()->facts.not_after - clock_->Now();
  return left <= absl::ZeroDuration() ? -1 : left / absl::Hours(24);
}

}  // namespace mrmllm
