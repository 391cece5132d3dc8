// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_TLS_CREDENTIALS_H_
#define MRMLLM_SERVER_RPC_HOSTING_TLS_CREDENTIALS_H_

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "server/security/tls/tls_source.h"

namespace mrmllm {

// Credentials that ask `source` for the certificate at every handshake, so that a new one serves
// from the next connection on; connections that are open stay as they are. gRPC's own file watcher
// drops the old certificate before it has looked at the new one.
//
// Thread-safety: immutable. Ownership: `source` outlives the gRPC server.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsSource* source);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_TLS_CREDENTIALS_H_
