// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/grpc_server.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpc/grpc.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

#include "base/clock.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

// Pings that come too soon, before the connection is ended with ENHANCE_YOUR_CALM.
constexpr int kMaxPingStrikes = 2;

// gRPC takes INT_MAX for "never".
int Milliseconds(absl::Duration duration) {
  return static_cast<int>(
      std::min<int64_t>(absl::ToInt64Milliseconds(duration), std::numeric_limits<int>::max()));
}

void AddArguments(const GrpcServer::Options& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_receive_message_bytes);
  builder->SetMaxSendMessageSize(options.max_send_message_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              Milliseconds(options.keepalive_timeout));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              Milliseconds(options.min_ping_interval));
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                              Milliseconds(options.max_connection_age));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                              Milliseconds(options.max_connection_age_grace));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                              Milliseconds(options.max_connection_idle));
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                              Milliseconds(options.handshake_timeout));
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  // A second server on the same port is a mistake, not a way to share the load.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

void SetQuota(const GrpcServer::Options& options, grpc::ServerBuilder* builder) {
  if (options.memory_quota_bytes == 0 && options.max_threads == 0) return;
  grpc::ResourceQuota quota("server");
  if (options.memory_quota_bytes > 0) {
    quota.Resize(static_cast<size_t>(options.memory_quota_bytes));
  }
  if (options.max_threads > 0) quota.SetMaxThreads(options.max_threads);
  builder->SetResourceQuota(quota);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const Options& options, const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  AddArguments(options, &builder);
  SetQuota(options, &builder);
  const std::shared_ptr<grpc::ServerCredentials> credentials =
      options.credentials != nullptr ? options.credentials : grpc::InsecureServerCredentials();
  int port = 0;
  std::unique_ptr<ConnectionAcceptor> acceptor;
  std::unique_ptr<ConnectionAcceptor::Target> target;
  if (absl::StartsWith(options.address, "unix")) {
    builder.AddListeningPort(options.address, credentials, &port);
  } else {
    ASSIGN_OR_RETURN(acceptor,
                     ConnectionAcceptor::Listen({.address = options.address,
                                                 .max_connections = options.max_connections,
                                                 .on_refused = options.on_connection_refused}));
    port = acceptor->port();
    using FromWhere = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    target = builder.experimental().AddExternalConnectionAcceptor(FromWhere::FROM_FD, credentials);
  }
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot serve on ", options.address));
  }
  if (acceptor != nullptr) acceptor->Start(std::move(target));
  return absl::WrapUnique(
      new GrpcServer(credentials, std::move(server), std::move(acceptor), port));
}

GrpcServer::GrpcServer(std::shared_ptr<grpc::ServerCredentials> credentials,
                       std::unique_ptr<grpc::Server> server,
                       std::unique_ptr<ConnectionAcceptor> acceptor, int port)
    : credentials_(std::move(credentials)),
      server_(std::move(server)),
      acceptor_(std::move(acceptor)),
      port_(port) {}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void GrpcServer::Shutdown(absl::Duration grace) {
  if (acceptor_ != nullptr) acceptor_->Stop();
  server_->Shutdown(absl::ToChronoTime(Clock::Real()->Now() + grace));
}

}  // namespace mrmllm
