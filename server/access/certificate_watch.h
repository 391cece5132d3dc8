// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_ACCESS_CERTIFICATE_WATCH_H_
#define MRMLLM_SERVER_ACCESS_CERTIFICATE_WATCH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "server/security/tls/tls_source.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {

// Keeps the listener's certificate fresh and says how it is: a log line and a metric for each new
// one, a warning where a new one is no good, one a day when the end is near, an error after it. An
// expired certificate stays: clients refuse it, and say why, until there is a better one.
//
//   ASSIGN_OR_RETURN(auto watch, CertificateWatch::Create(files, clock, metrics));
//   ... every now and then: watch->Look(); ...
//
// Thread-safety: Look from one thread at a time; source() from any. Ownership: clock and metrics
// outlive it.
class CertificateWatch {
 public:
  // From so many days on it warns.
  static constexpr int64_t kNearEndDays = 14;

  // Errors: those of ReadTlsMaterial.
  static absl::StatusOr<std::unique_ptr<CertificateWatch>> Create(const TlsFiles& files,
                                                                  Clock* clock, Metrics* metrics);

  void Look();
  const TlsSource& source() const { return *source_; }

 private:
  CertificateWatch(std::unique_ptr<TlsSource> source, Clock* clock, Metrics* metrics)
      : source_(std::move(source)), clock_(clock), metrics_(metrics) {}

  void Announce();
  void WarnOfTheEnd();
  int64_t DaysLeft() const;

  const std::unique_ptr<TlsSource> source_;
  Clock* const clock_;
  Metrics* const metrics_;
  std::string last_fault_;  // said once
  int64_t warned_days_ = kNearEndDays + 1;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_ACCESS_CERTIFICATE_WATCH_H_
