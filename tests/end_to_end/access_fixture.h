// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_END_TO_END_ACCESS_FIXTURE_H_
#define MRMLLM_TESTS_END_TO_END_ACCESS_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/server.h"
#include "server/telemetry/metrics.h"
#include "tests/server/security/certificates.h"

namespace mrmllm {

// What a client shows of itself.
struct ClientIdentity {
  std::string api_key;
  std::string tenant;
  TestIdentity certificate;  // empty: none
  bool bearer = false;       // the key as authorization: Bearer
};

// A whole server with a fake engine, its certificates and its callers, for tests over the wire.
class AccessFixture : public testing::Test {
 protected:
  AccessFixture();

  TestIdentity IssueServer(absl::Duration lasts) const;
  TestIdentity IssueClient(const std::string& names) const;
  // Puts the certificate where the settings say; also later, to replace it.
  void UseCertificate(const TestIdentity& identity);
  void UseClientAuthority(bool required);
  // Puts callers there: `shop` (key "shop key", certificate URI spiffe://test/shop) may Detect and
  // Ask, `admin` (key "admin key") may do everything. `more` follows in the file.
  void UseCallers(const std::string& more = "");

  void Start();

  // A new connection each time.
  std::shared_ptr<grpc::Channel> Connect(const ClientIdentity& identity = {}) const;
  std::shared_ptr<grpc::Channel> ConnectPlain() const;
  grpc::Status Ask(const std::shared_ptr<grpc::Channel>& channel, const ClientIdentity& identity,
                   v1::AskResponse* response = nullptr) const;
  grpc::Status Ask(const ClientIdentity& identity) const {
    return Ask(Connect(identity), identity);
  }
  static void AddTo(const ClientIdentity& identity, grpc::ClientContext* context);

  // Waits for what a watcher of files will bring about; a failure after 20 seconds.
  static void Eventually(const std::function<bool()>& holds);

  // The value of a metric whose labels include `label`; 0 when there is none.
  double Metric(const std::string& name, const std::string& label);

  const TestAuthority authority_{"authority", Clock::Real()->Now()};
  ServerConfig config_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_END_TO_END_ACCESS_FIXTURE_H_
