// SPDX-License-Identifier: Apache-2.0
#include "tests/end_to_end/access_fixture.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "prometheus/metric_family.h"
#include "server/security/api_key.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {

AccessFixture::AccessFixture() {
  config_.server_address = "127.0.0.1:0";
  config_.metrics_address = "";
  config_.drain_delay = absl::ZeroDuration();
  config_.tls_reload_interval = absl::Milliseconds(100);
  config_.auth_reload_interval = absl::Milliseconds(100);
}

TestIdentity AccessFixture::IssueServer(absl::Duration lasts) const {
  const absl::Time now = Clock::Real()->Now();
  return authority_.Issue({.not_before = now - absl::Hours(1), .not_after = now + lasts});
}

TestIdentity AccessFixture::IssueClient(const std::string& names) const {
  const absl::Time now = Clock::Real()->Now();
  return authority_.Issue({.common_name = "client",
                           .alternative_names = names,
                           .not_before = now - absl::Hours(1),
                           .not_after = now + absl::Hours(1)});
}

void AccessFixture::UseCertificate(const TestIdentity& identity) {
  config_.tls_certificate_file = WriteTestFile("crt", identity.certificate);
  config_.tls_key_file = WriteTestFile("key", identity.key);
}

void AccessFixture::UseClientAuthority(bool required) {
  config_.tls_client_ca_file = WriteTestFile("ca", authority_.certificate());
  config_.tls_require_client_certificate = required;
}

void AccessFixture::UseCallers(const std::string& more) {
  const auto hash = [](std::string_view key) { return FormatKeyHash(DigestOfKey(key)); };
  config_.auth_callers_file =
      WriteTestFile("callers.yaml", absl::StrCat("callers:\n"
                                                 "  - id: shop\n"
                                                 "    tenants: [shop, shop-test]\n"
                                                 "    key_hashes: [\"",
                                                 hash("shop key"),
                                                 "\"]\n"
                                                 "    certificates: [\"uri:spiffe://test/shop\"]\n"
                                                 "    rpcs: [Detect, Ask]\n"
                                                 "  - id: admin\n"
                                                 "    key_hashes: [\"",
                                                 hash("admin key"),
                                                 "\"]\n"
                                                 "    rpcs: [\"*\"]\n"
                                                 "    admin: true\n",
                                                 more));
}

void AccessFixture::Start() {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<FakeEngine>());
  auto server = Server::Start(config_, std::move(engines), &metrics_, Clock::Real(), {});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
}

std::shared_ptr<grpc::Channel> AccessFixture::Connect(const ClientIdentity& identity) const {
  if (config_.tls_certificate_file.empty()) return ConnectPlain();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = authority_.certificate();
  ssl.pem_cert_chain = identity.certificate.certificate;
  ssl.pem_private_key = identity.certificate.key;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("localhost:", server_->port()),
                                   grpc::SslCredentials(ssl), arguments);
}

std::shared_ptr<grpc::Channel> AccessFixture::ConnectPlain() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

void AccessFixture::AddTo(const ClientIdentity& identity, grpc::ClientContext* context) {
  if (!identity.api_key.empty() && identity.bearer) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", identity.api_key));
  } else if (!identity.api_key.empty()) {
    context->AddMetadata("x-api-key", identity.api_key);
  }
  if (!identity.tenant.empty()) context->AddMetadata("x-tenant", identity.tenant);
}

grpc::Status AccessFixture::Ask(const std::shared_ptr<grpc::Channel>& channel,
                                const ClientIdentity& identity, v1::AskResponse* response) const {
  grpc::ClientContext context;
  AddTo(identity, &context);
  context.set_deadline(absl::ToChronoTime(Clock::Real()->Now() + absl::Seconds(20)));
  v1::AskRequest request;
  request.set_question("Who sees this question?");
  v1::AskResponse unused;
  return v1::MrMllmService::NewStub(channel)->Ask(&context, request, response ? response : &unused);
}

void AccessFixture::Eventually(const std::function<bool()>& holds) {
  const absl::Time deadline = Clock::Real()->Now() + absl::Seconds(20);
  while (!holds()) {
    ASSERT_LT(Clock::Real()->Now(), deadline) << "did not come about";
    Clock::Real()->Pause(absl::Milliseconds(20));
  }
}

double AccessFixture::Metric(const std::string& name, const std::string& label) {
  for (const auto& family : metrics_.collectable()->Collect()) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      for (const auto& pair : metric.label) {
        if (pair.value == label) return metric.counter.value;
      }
    }
  }
  return 0;
}

}  // namespace mrmllm
