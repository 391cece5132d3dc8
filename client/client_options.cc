// SPDX-License-Identifier: Apache-2.0
#include "client/client_options.h"

#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tenant.h"

namespace mrmllm {
namespace {

constexpr int kMinMessageBytes = 1024;

absl::Status ValidateTls(const TlsOptions& tls) {
  if (tls.client_certificate_file.empty() != tls.private_key_file.empty()) {
    return absl::InvalidArgumentError(
        "tls.client_certificate_file and tls.private_key_file: expected both or neither, got only "
        "one");
  }
  const bool any = !tls.root_certificates_file.empty() || !tls.private_key_file.empty() ||
                   !tls.server_name.empty();
  if (any && !tls.enabled) {
    return absl::InvalidArgumentError(
        "tls.enabled: expected true with other tls options, got false");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPem(const std::string& field, const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return absl::NotFoundError(absl::StrCat(field, ": cannot read '", path, "'"));
  if (text.find("-----BEGIN") == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": expected a PEM file, got '", path, "' without a BEGIN line"));
  }
  return text;
}

}  // namespace

absl::Status Validate(const ClientOptions& options) {
  if (options.server_address.empty()) {
    return absl::InvalidArgumentError("server_address: expected host:port, got nothing");
  }
  if (options.timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout: expected more than 0, got ", absl::FormatDuration(options.timeout)));
  }
  if (options.max_message_bytes < kMinMessageBytes) {
    return absl::InvalidArgumentError(absl::StrCat("max_message_bytes: expected at least ",
                                                   kMinMessageBytes, ", got ",
                                                   options.max_message_bytes));
  }
  for (const char c : options.api_key) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError("api_key: expected printable ASCII, got something else");
    }
  }
  if (!options.tenant.empty() && !IsValidTenant(options.tenant)) {
    return absl::InvalidArgumentError(absl::StrCat("tenant: expected 1 to ", kMaxTenantBytes,
                                                   " characters of [A-Za-z0-9._-], got '",
                                                   absl::CHexEscape(options.tenant), "'"));
  }
  if (options.clock == nullptr) {
    return absl::InvalidArgumentError("clock: expected a clock, got null");
  }
  RETURN_IF_ERROR(Validate(options.retry));
  return ValidateTls(options.tls);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const TlsOptions& tls) {
  if (!tls.enabled) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  ASSIGN_OR_RETURN(ssl.pem_root_certs,
                   ReadPem("tls.root_certificates_file", tls.root_certificates_file));
  ASSIGN_OR_RETURN(ssl.pem_cert_chain,
                   ReadPem("tls.client_certificate_file", tls.client_certificate_file));
  ASSIGN_OR_RETURN(ssl.pem_private_key, ReadPem("tls.private_key_file", tls.private_key_file));
  return grpc::SslCredentials(ssl);
}

}  // namespace mrmllm
