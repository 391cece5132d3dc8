// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_CALL_CREDENTIALS_H_
#define MRMLLM_SERVER_RPC_HOSTING_CALL_CREDENTIALS_H_

#include "grpcpp/server_context.h"
#include "server/security/call_guard.h"

namespace mrmllm {

// What a call shows of its caller: the API key in its metadata (`authorization: Bearer KEY` or
// `x-api-key: KEY`), and the names of the client certificate that TLS has verified.
// Ownership: views into the call's metadata.
CallCredentials CredentialsOf(const grpc::CallbackServerContext& call);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_CALL_CREDENTIALS_H_
