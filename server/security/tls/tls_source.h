// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_TLS_TLS_SOURCE_H_
#define MRMLLM_SERVER_SECURITY_TLS_TLS_SOURCE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "server/security/tls/certificate.h"

namespace mrmllm {

// Where a listener's certificate comes from; all files are PEM.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;              // who may sign clients; empty: clients show nothing
  bool require_client_certificate = true;  // false: a client may show one
};

// What a handshake needs.
struct TlsMaterial {
  std::string certificates;
  std::string key;
  std::string client_authorities;  // empty: clients are not asked
  CertificateFacts facts;
};

// Errors: INVALID_ARGUMENT, NOT_FOUND and FAILED_PRECONDITION name the setting, the file and what
// is wrong with it: not to be read, not PEM, a key of another certificate, expired.
absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files, absl::Time now);

// The certificate that new connections are met with. Reading it anew never makes it worse: what
// cannot be used is reported, and the old one stays.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<TlsSource> source, TlsSource::Create(files, clock->Now()));
//   ... every minute: absl::StatusOr<bool> changed = source->Refresh(clock->Now()); ...
//
// Thread-safety: safe for concurrent use. Errors: Create and Refresh: those of ReadTlsMaterial.
class TlsSource {
 public:
  static absl::StatusOr<std::unique_ptr<TlsSource>> Create(const TlsFiles& files, absl::Time now);

  const TlsFiles& files() const { return files_; }
  std::shared_ptr<const TlsMaterial> current() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads the files; true when they are others than before.
  absl::StatusOr<bool> Refresh(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  TlsSource(const TlsFiles& files, TlsMaterial material)
      : files_(files), current_(std::make_shared<TlsMaterial>(std::move(material))) {}

  const TlsFiles files_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const TlsMaterial> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_TLS_TLS_SOURCE_H_
