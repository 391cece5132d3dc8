// SPDX-License-Identifier: Apache-2.0
#include "server/security/tls/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

template <typename Object, void (*Free)(Object*)>
struct Freer {
  void operator()(Object* object) const { Free(object); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Input = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

Input Open(const std::string& text) {
  return Input(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL's own would ask for it on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Certificate NextCertificate(BIO* input) {
  return Certificate(PEM_read_bio_X509(input, nullptr, NoPassword, nullptr));
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return absl::InvalidArgumentError("expected a certificate with times, got one that is broken");
  }
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string SubjectOf(X509* certificate) {
  const Input output(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(output.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  return std::string(text, static_cast<size_t>(std::max(size, 0L)));
}

absl::Status NotPem(const char* expected) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat("expected ", expected, " in PEM"));
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificates(const std::string& pem) {
  const Input input = Open(pem);
  CertificateFacts facts{.not_before = absl::InfinitePast(), .not_after = absl::InfiniteFuture()};
  int count = 0;
  while (const Certificate certificate = NextCertificate(input.get())) {
    ASSIGN_OR_RETURN(const absl::Time begin, TimeOf(X509_get0_notBefore(certificate.get())));
    ASSIGN_OR_RETURN(const absl::Time end, TimeOf(X509_get0_notAfter(certificate.get())));
    facts.not_before = std::max(facts.not_before, begin);
    facts.not_after = std::min(facts.not_after, end);
    if (count++ == 0) facts.subject = SubjectOf(certificate.get());
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (count == 0 || !at_end) {
    return NotPem(count == 0 ? "a certificate" : "whole certificates");
  }
  ERR_clear_error();
  return facts;
}

absl::Status CheckKeyOfCertificate(const std::string& certificate_pem, const std::string& key_pem) {
  const Certificate certificate = NextCertificate(Open(certificate_pem).get());
  if (certificate == nullptr) return NotPem("a certificate");
  const Key key(PEM_read_bio_PrivateKey(Open(key_pem).get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) return NotPem("a private key without a password");
  const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (fits) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "expected the private key of the certificate, got another certificate's");
}

absl::Status CheckCertificateTimes(const CertificateFacts& facts, absl::Time now) {
  const auto text = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
  };
  if (now >= facts.not_after) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate expired at ", text(facts.not_after)));
  }
  if (now < facts.not_before) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate holds only from ", text(facts.not_before)));
  }
  return absl::OkStatus();
}

}  // namespace mrmllm
