// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_TRACING_RPC_NAMES_H_
#define MRMLLM_SERVER_TELEMETRY_TRACING_RPC_NAMES_H_

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace mrmllm {

// Which service a method belongs to, for all services that are linked into the program.
//
//   RpcNames names;
//   names.ServiceOf("Detect");   // "mrmllm.v1.MrMllmService"
//
// Thread-safety: immutable once made.
class RpcNames {
 public:
  RpcNames();

  // Empty for a method of none of them.
  std::string_view ServiceOf(std::string_view method) const;

 private:
  absl::flat_hash_map<std::string, std::string> service_of_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_TRACING_RPC_NAMES_H_
