// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_CONNECTION_ACCEPTOR_H_
#define MRMLLM_SERVER_RPC_HOSTING_CONNECTION_ACCEPTOR_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/server_builder.h"

namespace mrmllm {

// Listens on TCP and hands connections to gRPC, in place of gRPC's own listener, which knows no
// limit and stops for good the first time that a file descriptor is wanting. Beyond the limit a
// connection is closed at once, so that its client goes elsewhere; without descriptors it waits.
//
//   ASSIGN_OR_RETURN(auto acceptor, ConnectionAcceptor::Listen({.address = "0.0.0.0:50051"}));
//   auto target = builder.experimental().AddExternalConnectionAcceptor(FROM_FD, credentials);
//   ... builder.BuildAndStart() ...
//   acceptor->Start(std::move(target));
//
// Thread-safety: one thread of its own from Start to Stop; the methods from one thread.
// Errors: Listen: UNAVAILABLE with the address and the reason.
class ConnectionAcceptor {
 public:
  struct Options {
    std::string address;      // host:port; a wildcard is IPv4 and IPv6
    int max_connections = 0;  // 0: what the limit of open files leaves
    // Hears of every connection that was closed for want of room, on the acceptor's thread; may be
    // empty.
    std::function<void(int64_t limit)> on_refused;
  };
  using Target = grpc::experimental::ExternalConnectionAcceptor;

  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(Options options);
  ~ConnectionAcceptor();
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  int port() const { return port_; }
  int64_t max_connections() const { return max_connections_; }

  void Start(std::unique_ptr<Target> target);

  // No more connections; those that were handed over stay. Idempotent.
  void Stop();

 private:
  ConnectionAcceptor(Options options, std::vector<int> listeners, int port, int stop_event);

  void Run();
  // Takes what waits at one listener; false when there are no descriptors left.
  bool AcceptAll(int listener);
  void HandOver(int listener, int connection);
  bool HasRoom();

  const Options options_;
  const int64_t max_connections_;
  const std::vector<int> listeners_;
  const int port_;
  const int stop_event_;
  std::unique_ptr<Target> target_;
  // Descriptor and socket of the connections that were handed over. gRPC does not tell when it
  // closes one, but then the descriptor is another file's or nobody's.
  std::unordered_map<int, ino_t> handed_over_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_CONNECTION_ACCEPTOR_H_
