// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/call_credentials.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_views.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"

namespace mrmllm {
namespace {

constexpr absl::string_view kBearer = "Bearer ";

std::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

void ReadApiKey(const grpc::CallbackServerContext& call, CallCredentials* credentials) {
  const auto& metadata = call.client_metadata();
  if (metadata.count("authorization") + metadata.count("x-api-key") > 1) {
    credentials->malformed = true;
    return;
  }
  if (const auto plain = metadata.find("x-api-key"); plain != metadata.end()) {
    credentials->api_key = View(plain->second);
    credentials->malformed = credentials->api_key.empty();
  }
  if (const auto bearer = metadata.find("authorization"); bearer != metadata.end()) {
    std::string_view text = View(bearer->second);
    credentials->malformed =
        !absl::StartsWithIgnoreCase(AbslView(text), kBearer) || text.size() == kBearer.size();
    if (!credentials->malformed) credentials->api_key = text.substr(kBearer.size());
  }
}

void AddNames(const grpc::AuthContext& context, const char* property, absl::string_view kind,
              CallCredentials* credentials) {
  for (const grpc::string_ref& name : context.FindPropertyValues(property)) {
    credentials->certificate.push_back(absl::StrCat(kind, AbslView(View(name))));
  }
}

}  // namespace

CallCredentials CredentialsOf(const grpc::CallbackServerContext& call) {
  CallCredentials credentials;
  ReadApiKey(call, &credentials);
  const auto context = call.auth_context();
  if (context != nullptr && context->IsPeerAuthenticated()) {
    AddNames(*context, GRPC_PEER_URI_PROPERTY_NAME, "uri:", &credentials);
    AddNames(*context, GRPC_PEER_DNS_PROPERTY_NAME, "dns:", &credentials);
    AddNames(*context, GRPC_X509_CN_PROPERTY_NAME, "cn:", &credentials);
  }
  return credentials;
}

}  // namespace mrmllm
