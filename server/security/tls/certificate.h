// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_TLS_CERTIFICATE_H_
#define MRMLLM_SERVER_SECURITY_TLS_CERTIFICATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace mrmllm {

// What has to be known of a chain of certificates: when all of them hold.
struct CertificateFacts {
  std::string subject;  // of the first, "CN=server"
  absl::Time not_before;
  absl::Time not_after;
};

// Errors: INVALID_ARGUMENT without a file's name: not PEM, no certificate in it, a broken one.
absl::StatusOr<CertificateFacts> ReadCertificates(const std::string& pem);

// Whether `key_pem` is an unencrypted private key, and the one of the first certificate.
// Errors: INVALID_ARGUMENT tells which of the two it is not.
absl::Status CheckKeyOfCertificate(const std::string& certificate_pem, const std::string& key_pem);

// FAILED_PRECONDITION with the time when the certificates hold no more, or do not hold yet.
absl::Status CheckCertificateTimes(const CertificateFacts& facts, absl::Time now);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_TLS_CERTIFICATE_H_
