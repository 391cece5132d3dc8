// SPDX-License-Identifier: Apache-2.0
// TLS over the wire: who may connect, and certificates that are replaced, broken and expired.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/end_to_end/access_fixture.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

class TlsTest : public AccessFixture {
 protected:
  absl::Status StartStatus() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<FakeEngine>());
    return Server::Start(config_, std::move(engines), &metrics_, Clock::Real(), {}).status();
  }
};

TEST_F(TlsTest, ServesThoseWhoTrustItsAuthority) {
  UseCertificate(IssueServer(absl::Hours(1)));
  Start();
  EXPECT_TRUE(Ask({}).ok());
  EXPECT_EQ(Ask(ConnectPlain(), {}).error_code(), StatusCode::UNAVAILABLE);

  const TestAuthority stranger("stranger", Clock::Real()->Now());
  grpc::SslCredentialsOptions ssl{.pem_root_certs = stranger.certificate()};
  auto channel =
      grpc::CreateChannel(absl::StrCat("localhost:", server_->port()), grpc::SslCredentials(ssl));
  const grpc::Status status = Ask(channel, {});
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("certificate verify failed"));
}

TEST_F(TlsTest, AsksForAClientCertificateOfItsAuthority) {
  UseCertificate(IssueServer(absl::Hours(1)));
  UseClientAuthority(/*required=*/true);
  Start();
  EXPECT_TRUE(Ask({.certificate = IssueClient("DNS:client")}).ok());
  EXPECT_EQ(Ask({}).error_code(), StatusCode::UNAVAILABLE);
  const absl::Time now = Clock::Real()->Now();
  const TestIdentity strange =
      TestAuthority("stranger", now)
          .Issue({.not_before = now - absl::Hours(1), .not_after = now + absl::Hours(1)});
  EXPECT_EQ(Ask({.certificate = strange}).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ACertificatesNameIsACallersAndTellsTheTenant) {
  UseCertificate(IssueServer(absl::Hours(1)));
  UseClientAuthority(/*required=*/false);
  UseCallers("tenants:\n  shop: {max_tokens: 1}\n");
  Start();
  const TestIdentity shop = IssueClient("URI:spiffe://test/shop");
  EXPECT_THAT(Ask({.certificate = shop}).error_message(), HasSubstr("for tenant 'shop'"));
  EXPECT_TRUE(Ask({.tenant = "shop-test", .certificate = shop}).ok());
  EXPECT_EQ(Ask({.certificate = IssueClient("URI:spiffe://test/nobody")}).error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Metric("mrmllm_auth_failures_total", "unknown_certificate"), 1);
  EXPECT_EQ(Ask({}).error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(Ask({.api_key = "admin key"}).ok());
}

TEST_F(TlsTest, ANewCertificateServesNewConnectionsAndOldOnesGoOn) {
  UseCertificate(IssueServer(absl::Hours(1)));
  Start();
  auto old = Connect();
  ASSERT_TRUE(Ask(old, {}).ok());
  // Of another authority, so that who trusts the old one alone sees the difference.
  const absl::Time now = Clock::Real()->Now();
  const TestAuthority next("next", now);
  UseCertificate(
      next.Issue({.not_before = now - absl::Hours(1), .not_after = now + absl::Hours(1)}));
  Eventually([&] { return !Ask({}).ok(); });
  EXPECT_TRUE(Ask(old, {}).ok());
  grpc::SslCredentialsOptions ssl{.pem_root_certs = next.certificate()};
  EXPECT_TRUE(Ask(grpc::CreateChannel(absl::StrCat("localhost:", server_->port()),
                                      grpc::SslCredentials(ssl)),
                  {})
                  .ok());
}

TEST_F(TlsTest, ABrokenNewCertificateLeavesTheOldInService) {
  UseCertificate(IssueServer(absl::Hours(1)));
  Start();
  testing::internal::CaptureStdout();
  WriteTestFile("key", "half a k");
  // Several looks at the files.
  const absl::Time end = Clock::Real()->Now() + absl::Milliseconds(500);
  while (Clock::Real()->Now() < end) EXPECT_TRUE(Ask({}).ok());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("the old one stays"));
}

TEST_F(TlsTest, WillNotStartWithAnExpiredCertificate) {
  UseCertificate(IssueServer(-absl::Minutes(1)));
  const absl::Status status = StartStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("tls.certificate_file: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("expired at"));
}

TEST_F(TlsTest, AnExpiredCertificateFailsNewConnectionsUntilItIsReplaced) {
  UseCertificate(IssueServer(absl::Seconds(3)));
  Start();
  auto open = Connect();
  ASSERT_TRUE(Ask(open, {}).ok());
  grpc::Status status;
  Eventually([&] { return !(status = Ask({})).ok(); });
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("certificate verify failed"));
  EXPECT_TRUE(Ask(open, {}).ok());
  UseCertificate(IssueServer(absl::Hours(1)));
  Eventually([&] { return Ask({}).ok(); });
}

}  // namespace
}  // namespace mrmllm
