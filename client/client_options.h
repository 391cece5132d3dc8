// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLIENT_OPTIONS_H_
#define MRMLLM_CLIENT_CLIENT_OPTIONS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "client/retry.h"
#include "grpcpp/security/credentials.h"

namespace mrmllm {

// How the connection is protected. All files are PEM.
struct TlsOptions {
  bool enabled = false;                 // false: plain text; the other fields must then be empty
  std::string root_certificates_file;   // who may sign the server; empty: the system's authorities
  std::string client_certificate_file;  // for mutual TLS; needs private_key_file
  std::string private_key_file;         // of client_certificate_file
  std::string server_name;              // the name the server's certificate must hold; empty: the
                                        // host of the address
};

// What a Client needs to know.
struct ClientOptions {
  std::string server_address;                  // "host:port", or any gRPC target
  TlsOptions tls;                              //
  std::string api_key;                         // sent as metadata `x-api-key`; empty: none
  std::string tenant;                          // for whom the calls work, sent as metadata
                                               // `x-tenant`: 1 to 64 characters of
                                               // [A-Za-z0-9._-]; empty: nobody in particular
  absl::Duration timeout = absl::Seconds(60);  // of a call, its retries included; > 0,
                                               // absl::InfiniteDuration(): none
  RetryOptions retry;                          //
  int max_message_bytes = 64 * 1024 * 1024;    // largest message sent or received; [1024, 2^31)
  bool own_connection = false;                 // false: clients of one address in a process share
                                               // a connection
  Clock* clock = Clock::Real();                // must outlive the client
};

// INVALID_ARGUMENT names the first field that is out of range.
absl::Status Validate(const ClientOptions& options);

// Reads the files that `tls` names. NOT_FOUND names one that cannot be read. REQUIRES: the options
// are valid.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const TlsOptions& tls);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLIENT_OPTIONS_H_
