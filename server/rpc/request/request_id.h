// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_REQUEST_ID_H_
#define MRMLLM_SERVER_RPC_REQUEST_REQUEST_ID_H_

#include <string>
#include <string_view>

namespace mrmllm {

// Metadata key of the request id, in the request and in the reply.
inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr size_t kMaxRequestIdBytes = 128;

// 1 to 128 printable ASCII characters.
bool IsValidRequestId(std::string_view id);

// A fresh one: 32 hexadecimal digits.
std::string FreshRequestId();

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_REQUEST_ID_H_
