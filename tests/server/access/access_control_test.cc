// SPDX-License-Identifier: Apache-2.0
#include "server/access/access_control.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/security/certificates.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

class AccessControlTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<AccessControl>> Create() {
    return AccessControl::Create(config_, &metrics_, &clock_);
  }
  std::string Fault() { return std::string(Create().status().message()); }
  std::string LogOfStart() {
    testing::internal::CaptureStdout();
    EXPECT_EQ(Fault(), "");
    return testing::internal::GetCapturedStdout();
  }
  void UseCallers() {
    config_.auth_callers_file = WriteTestFile(
        "callers.yaml",
        absl::StrCat("callers:\n  - {id: shop, key_hashes: [\"", FormatKeyHash(DigestOfKey("key")),
                     "\"], rpcs: [\"*\"]}\ntenants:\n  shop: {weight: 5, max_pixels: 10}\n"));
  }
  void UseCertificate() {
    const TestIdentity identity = authority_.Issue(
        {.not_before = clock_.Now(), .not_after = clock_.Now() + absl::Hours(24 * 30)});
    config_.tls_certificate_file = WriteTestFile("crt", identity.certificate);
    config_.tls_key_file = WriteTestFile("key", identity.key);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const TestAuthority authority_{"authority", clock_.Now()};
  Metrics metrics_;
  ServerConfig config_;
};

TEST_F(AccessControlTest, WithoutSettingsEverythingIsOpen) {
  auto access = *Create();
  EXPECT_FALSE(access->guard()->closed());
  EXPECT_EQ(access->credentials(), nullptr);
}

TEST_F(AccessControlTest, TlsSettingsGoTogether) {
  config_.tls_certificate_file = "only.crt";
  EXPECT_THAT(Fault(), HasSubstr("tls.certificate_file and tls.key_file"));
  config_.tls_certificate_file = "";
  config_.tls_client_ca_file = "ca.crt";
  EXPECT_THAT(Fault(), HasSubstr("tls.client_ca_file"));
}

TEST_F(AccessControlTest, FilesAreCheckedWithoutOpeningAnything) {
  EXPECT_TRUE(CheckAccessFiles(config_, clock_.Now()).ok());
  UseCertificate();
  UseCallers();
  EXPECT_TRUE(CheckAccessFiles(config_, clock_.Now()).ok());
  EXPECT_THAT(std::string(CheckAccessFiles(config_, clock_.Now() + absl::Hours(24 * 31)).message()),
              HasSubstr("expired at"));
  WriteTestFile("callers.yaml", "callers: oops");
  EXPECT_THAT(std::string(CheckAccessFiles(config_, clock_.Now()).message()),
              HasSubstr("auth.callers_file: "));
}

TEST_F(AccessControlTest, CallersBringWeightsAndQuotas) {
  UseCallers();
  auto access = *Create();
  EXPECT_TRUE(access->guard()->closed());
  EXPECT_EQ(access->quotas()->Of("shop", {}).pixels, 10);
  absl::flat_hash_map<std::string, double> weights = {{"shop", 2}, {"other", 3}};
  access->AddWeights(&weights);
  EXPECT_EQ(weights["shop"], 5);
  EXPECT_EQ(weights["other"], 3);
}

TEST_F(AccessControlTest, WarnsOfKeysOverPlainTextThatOthersCanReach) {
  UseCallers();
  for (const std::string address : {"127.0.0.1:50051", "localhost:1", "[::1]:1", "unix:/tmp/s"}) {
    config_.server_address = address;
    EXPECT_THAT(LogOfStart(), Not(HasSubstr("plain text"))) << address;
  }
  config_.server_address = "0.0.0.0:50051";
  EXPECT_THAT(LogOfStart(), HasSubstr("plain text"));
  UseCertificate();
  EXPECT_THAT(LogOfStart(), Not(HasSubstr("plain text")));
}

TEST_F(AccessControlTest, RatesComeFromTheSettings) {
  config_.limits_requests_per_second = 1;
  auto access = *Create();
  EXPECT_TRUE(access->guard()->Check("Detect", {}, "a").status.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(access->guard()->Check("Detect", {}, "a").status));
  EXPECT_TRUE(access->guard()->Check("Detect", {}, "b").status.ok());
}

}  // namespace
}  // namespace mrmllm
