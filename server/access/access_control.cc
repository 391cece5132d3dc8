// SPDX-License-Identifier: Apache-2.0
#include "server/access/access_control.h"

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "server/rpc/hosting/tls_credentials.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

bool IsLoopback(const std::string& address) {
  return absl::StartsWith(address, "127.") || absl::StartsWith(address, "localhost:") ||
         absl::StartsWith(address, "[::1]:") || absl::StartsWith(address, "unix:");
}

absl::Status CheckTlsSettings(const ServerConfig& config) {
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty()) {
    return absl::InvalidArgumentError(
        "tls.certificate_file and tls.key_file: expected both or neither, got only one");
  }
  if (!config.tls_client_ca_file.empty() && config.tls_certificate_file.empty()) {
    return absl::InvalidArgumentError(
        "tls.client_ca_file: expected tls.certificate_file and tls.key_file with it, got neither");
  }
  return absl::OkStatus();
}

TlsFiles FilesOf(const ServerConfig& config) {
  return {.certificate_file = config.tls_certificate_file,
          .key_file = config.tls_key_file,
          .client_ca_file = config.tls_client_ca_file,
          .require_client_certificate = config.tls_require_client_certificate};
}

}  // namespace

absl::Status CheckAccessFiles(const ServerConfig& config, absl::Time now) {
  RETURN_IF_ERROR(CheckTlsSettings(config));
  if (!config.tls_certificate_file.empty()) {
    RETURN_IF_ERROR(ReadTlsMaterial(FilesOf(config), now).status());
  }
  return config.auth_callers_file.empty() ? absl::OkStatus()
                                          : CheckCallersFile(config.auth_callers_file);
}

AccessControl::AccessControl(const ServerConfig& config, Clock* clock)
    : clock_(clock),
      guard_({.clock = clock,
              .tenant_rate = {.per_second = static_cast<double>(config.limits_requests_per_second)},
              .open_admin = config.models_open_admin}) {}

absl::StatusOr<std::unique_ptr<AccessControl>> AccessControl::Create(const ServerConfig& config,
                                                                     Metrics* metrics,
                                                                     Clock* clock) {
  auto access = absl::WrapUnique(new AccessControl(config, clock));
  RETURN_IF_ERROR(access->OpenTls(config, metrics));
  RETURN_IF_ERROR(access->OpenCallers(config));
  return access;
}

absl::Status AccessControl::OpenTls(const ServerConfig& config, Metrics* metrics) {
  RETURN_IF_ERROR(CheckTlsSettings(config));
  if (config.tls_certificate_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(certificate_, CertificateWatch::Create(FilesOf(config), clock_, metrics));
  certificate_timer_ = std::make_unique<Periodic>(clock_, config.tls_reload_interval,
                                                  [this] { certificate_->Look(); });
  return absl::OkStatus();
}

absl::Status AccessControl::OpenCallers(const ServerConfig& config) {
  if (config.auth_callers_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(callers_, CallersWatch::Create(config.auth_callers_file, &guard_, quotas_));
  for (const auto& [tenant, terms] : callers_->callers().tenants) {
    if (terms.weight.has_value()) weights_[tenant] = *terms.weight;
  }
  if (certificate_ == nullptr && !IsLoopback(config.server_address)) {
    Log(LogLevel::kWarning,
        "API keys come in over plain text: whoever reads the wire reads them; set tls.* unless a "
        "mesh encrypts",
        {{"address", config.server_address}});
  }
  callers_timer_ =
      std::make_unique<Periodic>(clock_, config.auth_reload_interval, [this] { callers_->Look(); });
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> AccessControl::credentials() const {
  return certificate_ == nullptr ? nullptr : MakeTlsCredentials(&certificate_->source());
}

void AccessControl::AddWeights(absl::flat_hash_map<std::string, double>* weights) const {
  for (const auto& [tenant, weight] : weights_) (*weights)[tenant] = weight;
}

}  // namespace mrmllm
