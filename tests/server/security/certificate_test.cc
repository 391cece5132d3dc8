// SPDX-License-Identifier: Apache-2.0
#include "server/security/tls/certificate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/security/certificates.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

class CertificateTest : public testing::Test {
 protected:
  static std::string Message(const absl::Status& status) { return std::string(status.message()); }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const TestAuthority authority_{"authority", now_};
  const TestIdentity server_ = authority_.Issue({.common_name = "server",
                                                 .not_before = now_ - absl::Hours(1),
                                                 .not_after = now_ + absl::Hours(48)});
};

TEST_F(CertificateTest, TellsWhoseItIsAndWhenItHolds) {
  const auto facts = ReadCertificates(server_.certificate);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->subject, "CN=server");
  EXPECT_EQ(facts->not_before, now_ - absl::Hours(1));
  EXPECT_EQ(facts->not_after, now_ + absl::Hours(48));
}

TEST_F(CertificateTest, AChainHoldsAsLongAsAllOfIt) {
  const TestIdentity other =
      authority_.Issue({.not_before = now_, .not_after = now_ + absl::Hours(3)});
  const auto facts = ReadCertificates(server_.certificate + other.certificate);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->subject, "CN=server");
  EXPECT_EQ(facts->not_before, now_);
  EXPECT_EQ(facts->not_after, now_ + absl::Hours(3));
}

TEST_F(CertificateTest, RefusesWhatIsNoPem) {
  for (const std::string& text : {std::string(), std::string("hello"), server_.key,
                                  server_.certificate.substr(0, server_.certificate.size() / 2)}) {
    EXPECT_THAT(Message(ReadCertificates(text).status()), HasSubstr("PEM")) << text;
  }
  std::string cut = server_.certificate + server_.certificate;
  cut.resize(cut.size() - 60);
  EXPECT_FALSE(ReadCertificates(cut).ok());
}

TEST_F(CertificateTest, TheKeyMustBeTheCertificates) {
  EXPECT_TRUE(CheckKeyOfCertificate(server_.certificate, server_.key).ok());
  const TestIdentity other = authority_.Issue({.not_before = now_, .not_after = now_});
  EXPECT_THAT(Message(CheckKeyOfCertificate(server_.certificate, other.key)),
              HasSubstr("another certificate's"));
  EXPECT_THAT(Message(CheckKeyOfCertificate(server_.certificate, "no key")),
              HasSubstr("private key"));
}

TEST_F(CertificateTest, HoldsFromItsBeginToItsEnd) {
  const CertificateFacts facts = *ReadCertificates(server_.certificate);
  EXPECT_TRUE(CheckCertificateTimes(facts, now_).ok());
  EXPECT_THAT(Message(CheckCertificateTimes(facts, now_ + absl::Hours(48))),
              HasSubstr("expired at 20"));
  EXPECT_THAT(Message(CheckCertificateTimes(facts, now_ - absl::Hours(2))),
              HasSubstr("holds only from 20"));
}

}  // namespace
}  // namespace mrmllm
