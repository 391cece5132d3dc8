// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_GRPC_SERVER_H_
#define MRMLLM_SERVER_RPC_HOSTING_GRPC_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "server/rpc/hosting/connection_acceptor.h"

namespace mrmllm {

// The listening gRPC server.
//
//   ASSIGN_OR_RETURN(auto server, GrpcServer::Start(options, {&service, &health}));
//   ... server->port() ...
//   server->Shutdown(absl::Seconds(5));
//
// Thread-safety: safe for concurrent use.
// Ownership: the services must outlive it. The destructor shuts down at once.
// Errors: Start: UNAVAILABLE names the address when it cannot be bound.
class GrpcServer {
 public:
  struct Options {
    std::string address = "0.0.0.0:50051";  // or unix:PATH; port 0: any free one
    int max_connections = 0;                // 0: what the limit of open files leaves
    // Hears of every connection that was closed for want of room; may be empty.
    std::function<void(int64_t limit)> on_connection_refused;
    int max_receive_message_bytes = 32 << 20;
    int max_send_message_bytes = 32 << 20;
    int max_concurrent_streams = 256;  // of one connection
    absl::Duration keepalive_time = absl::Hours(2);
    absl::Duration keepalive_timeout = absl::Seconds(20);
    // How often a client may ping a call that brings no data; gRPC's own five minutes would end
    // the connection of one that waits for a long answer.
    absl::Duration min_ping_interval = absl::Seconds(10);
    // Connections end after this long, so that balancers spread them anew; their calls have the
    // grace to end.
    absl::Duration max_connection_age = absl::InfiniteDuration();
    absl::Duration max_connection_age_grace = absl::Seconds(30);
    absl::Duration max_connection_idle = absl::InfiniteDuration();  // without a call
    // From accept until the client has said that it speaks HTTP/2, over TLS if so.
    absl::Duration handshake_timeout = absl::Seconds(20);
    int max_metadata_bytes = 16 << 10;  // of one call
    int64_t memory_quota_bytes = 0;     // of gRPC's buffers, 0: no limit
    int max_threads = 0;                // of gRPC's synchronous threads, 0: no limit
    std::shared_ptr<grpc::ServerCredentials> credentials;  // null: no TLS
  };

  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const Options& options, const std::vector<grpc::Service*>& services);
  ~GrpcServer();

  int port() const { return port_; }

  // A channel that does without the network.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Takes no new calls and waits for the running ones; cancels what is left after `grace`.
  // Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  GrpcServer(std::shared_ptr<grpc::ServerCredentials> credentials,
             std::unique_ptr<grpc::Server> server, std::unique_ptr<ConnectionAcceptor> acceptor,
             int port);

  const std::shared_ptr<grpc::ServerCredentials> credentials_;  // handshakes come back to them
  const std::unique_ptr<grpc::Server> server_;
  const std::unique_ptr<ConnectionAcceptor> acceptor_;  // null: gRPC listens itself
  const int port_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_GRPC_SERVER_H_
