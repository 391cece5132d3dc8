// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SECURITY_CERTIFICATES_H_
#define MRMLLM_TESTS_SERVER_SECURITY_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace mrmllm {

// A certificate and its private key, in PEM.
struct TestIdentity {
  std::string certificate;
  std::string key;
};

struct TestCertificate {
  std::string common_name = "localhost";
  // As OpenSSL's configuration writes them: "DNS:localhost", "URI:spiffe://test/shop".
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";
  absl::Time not_before;
  absl::Time not_after;
};

// Makes certificates for a test: an authority of its own, and what it signs.
//
//   TestAuthority authority("test authority", now);
//   TestIdentity server = authority.Issue({.not_before = now, .not_after = now + absl::Hours(24)});
//
// Keys are of the elliptic curve P-256: made in no time.
class TestAuthority {
 public:
  // Holds for ten years around `now`.
  TestAuthority(const std::string& name, absl::Time now);

  TestIdentity Issue(const TestCertificate& certificate) const;
  const std::string& certificate() const { return own_.certificate; }

 private:
  TestIdentity own_;
};

// Writes `text` to a file of the test's directory by renaming, and returns its path.
std::string WriteTestFile(const std::string& name, const std::string& text);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SECURITY_CERTIFICATES_H_
