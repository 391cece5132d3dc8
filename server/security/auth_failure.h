// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_AUTH_FAILURE_H_
#define MRMLLM_SERVER_SECURITY_AUTH_FAILURE_H_

#include <string_view>

namespace mrmllm {

// Why a call was not let in.
enum class AuthFailure {
  kNoCredentials,       // neither a key nor a client certificate
  kMalformed,           // several keys, or an authorization of another kind
  kUnknownKey,          //
  kUnknownCertificate,  // a trusted certificate, but no caller's
  kMethod,              // the caller may not call this method
  kTenant,              // the caller does not work for the tenant that it named
};

// A metric's label: a closed set.
constexpr std::string_view AuthFailureName(AuthFailure failure) {
  switch (failure) {
    case AuthFailure::kNoCredentials:
      return "no_credentials";
    case AuthFailure::kMalformed:
      return "malformed";
    case AuthFailure::kUnknownKey:
      return "unknown_key";
    case AuthFailure::kUnknownCertificate:
      return "unknown_certificate";
    case AuthFailure::kMethod:
      return "method_not_allowed";
    case AuthFailure::kTenant:
      return "tenant_not_allowed";
  }
  return "unknown";
}

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_AUTH_FAILURE_H_
