// SPDX-License-Identifier: Apache-2.0
#include "server/security/tls/tls_source.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/security/file_text.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

absl::Status Explain(const absl::Status& status, const char* setting, const std::string& path) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(setting, ": ", path, ": ", status.message()));
}

absl::StatusOr<std::string> ReadPem(const char* setting, const std::string& path) {
  absl::StatusOr<std::string> text = ReadFileText(path, kMaxPemBytes);
  if (text.ok()) return text;
  return absl::Status(text.status().code(), absl::StrCat(setting, ": ", text.status().message()));
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files, absl::Time now) {
  constexpr char kCertificate[] = "tls.certificate_file";
  constexpr char kKey[] = "tls.key_file";
  constexpr char kAuthorities[] = "tls.client_ca_file";
  TlsMaterial material;
  ASSIGN_OR_RETURN(material.certificates, ReadPem(kCertificate, files.certificate_file));
  ASSIGN_OR_RETURN(material.key, ReadPem(kKey, files.key_file));
  absl::StatusOr<CertificateFacts> facts = ReadCertificates(material.certificates);
  RETURN_IF_ERROR(Explain(facts.status(), kCertificate, files.certificate_file));
  material.facts = *std::move(facts);
  RETURN_IF_ERROR(
      Explain(CheckKeyOfCertificate(material.certificates, material.key), kKey, files.key_file));
  RETURN_IF_ERROR(
      Explain(CheckCertificateTimes(material.facts, now), kCertificate, files.certificate_file));
  if (files.client_ca_file.empty()) return material;
  ASSIGN_OR_RETURN(material.client_authorities, ReadPem(kAuthorities, files.client_ca_file));
  // One authority of several may have expired: those that it signed are refused one by one.
  RETURN_IF_ERROR(Explain(ReadCertificates(material.client_authorities).status(), kAuthorities,
                          files.client_ca_file));
  return material;
}

absl::StatusOr<std::unique_ptr<TlsSource>> TlsSource::Create(const TlsFiles& files,
                                                             absl::Time now) {
  ASSIGN_OR_RETURN(TlsMaterial material, ReadTlsMaterial(files, now));
  return absl::WrapUnique(new TlsSource(files, std::move(material)));
}

std::shared_ptr<const TlsMaterial> TlsSource::current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

absl::StatusOr<bool> TlsSource::Refresh(absl::Time now) {
  absl::StatusOr<TlsMaterial> fresh = ReadTlsMaterial(files_, now);
  RETURN_IF_ERROR(fresh.status());
  const std::shared_ptr<const TlsMaterial> old = current();
  if (fresh->certificates == old->certificates && fresh->key == old->key &&
      fresh->client_authorities == old->client_authorities) {
    return false;
  }
  absl::MutexLock lock(&mutex_);
  current_ = std::make_shared<TlsMaterial>(*std::move(fresh));
  return true;
}

}  // namespace mrmllm
