// SPDX-License-Identifier: Apache-2.0
#include "server/access/certificate_watch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/metric_family.h"
#include "tests/server/security/certificates.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

class CertificateWatchTest : public testing::Test {
 protected:
  void Write(absl::Duration lasts) {
    const TestIdentity identity = authority_.Issue(
        {.not_before = clock_.Now() - absl::Hours(1), .not_after = clock_.Now() + lasts});
    files_.certificate_file = WriteTestFile("crt", identity.certificate);
    files_.key_file = WriteTestFile("key", identity.key);
  }
  // What a look writes to the log.
  std::string Look(CertificateWatch* watch) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    watch->Look();
    return testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  }
  double Expiry() {
    for (const auto& family : metrics_.collectable()->Collect()) {
      if (family.name == "mrmllm_tls_certificate_expiry_timestamp_seconds") {
        return family.metric.at(0).gauge.value;
      }
    }
    return -1;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const TestAuthority authority_{"authority", clock_.Now()};
  Metrics metrics_;
  TlsFiles files_;
};

TEST_F(CertificateWatchTest, TellsWhenTheCertificateExpires) {
  Write(absl::Hours(24 * 60));
  auto watch = *CertificateWatch::Create(files_, &clock_, &metrics_);
  EXPECT_EQ(Expiry(), 1'800'000'000 + 60 * 86'400);
  EXPECT_EQ(Look(watch.get()), "");
  Write(absl::Hours(24 * 90));
  EXPECT_THAT(Look(watch.get()), HasSubstr("days_left=90"));
  EXPECT_EQ(Expiry(), 1'800'000'000 + 90 * 86'400);
}

TEST_F(CertificateWatchTest, WarnsOnceADayBeforeTheEndAndOnceAfterIt) {
  Write(absl::Hours(24 * 15));
  auto watch = *CertificateWatch::Create(files_, &clock_, &metrics_);
  EXPECT_EQ(Look(watch.get()), "");
  clock_.Advance(absl::Hours(24 * 13));
  EXPECT_THAT(Look(watch.get()), HasSubstr("expires soon days_left=2"));
  EXPECT_EQ(Look(watch.get()), "");
  clock_.Advance(absl::Hours(24 * 2));
  EXPECT_THAT(Look(watch.get()), HasSubstr("has expired"));
  EXPECT_EQ(Look(watch.get()), "");
}

TEST_F(CertificateWatchTest, SaysOnceThatANewOneIsNoGood) {
  Write(absl::Hours(24 * 60));
  auto watch = *CertificateWatch::Create(files_, &clock_, &metrics_);
  WriteTestFile("key", "half a k");
  EXPECT_THAT(Look(watch.get()), HasSubstr("the old one stays"));
  EXPECT_EQ(Look(watch.get()), "");
  Write(absl::Hours(24 * 61));
  EXPECT_THAT(Look(watch.get()), HasSubstr("certificate loaded"));
}

}  // namespace
}  // namespace mrmllm
