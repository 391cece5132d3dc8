// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/call_arrival.h"

#include <iterator>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "base/tenant.h"
#include "server/rpc/hosting/call_credentials.h"
#include "server/rpc/reply/error_details.h"
#include "server/rpc/request/request_id.h"

namespace mrmllm {
namespace {

std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto entry = metadata.find(kRequestIdKey);
  if (entry != metadata.end()) {
    const std::string_view id(entry->second.data(), entry->second.size());
    if (IsValidRequestId(id)) return std::string(id);
  }
  return FreshRequestId();
}

// Two values could be two opinions of who is asking, so more than one is refused.
absl::StatusOr<std::string> TenantOf(const grpc::CallbackServerContext& context,
                                     std::string_view key) {
  if (key.empty()) return std::string();
  const auto [begin, end] =
      context.client_metadata().equal_range(grpc::string_ref(key.data(), key.size()));
  if (begin == end) return std::string();
  if (std::next(begin) != end) return InvalidField(key, "expected one value, got several");
  const std::string_view tenant(begin->second.data(), begin->second.size());
  if (!IsValidTenant(tenant)) {
    return InvalidField(key, absl::StrCat("expected 1 to ", kMaxTenantBytes,
                                          " characters of [A-Za-z0-9._-], got ", Quoted(tenant)));
  }
  return std::string(tenant);
}

void AskGuard(const RpcContext& context, const grpc::CallbackServerContext& call,
              std::string_view tenant, RequestFlow::Arrival* arrival) {
  CallGuard::Verdict verdict = context.guard->Check(arrival->method, CredentialsOf(call), tenant);
  arrival->caller = std::move(verdict.caller);
  arrival->tenant = std::move(verdict.tenant);
  arrival->max_priority = verdict.max_priority;
  arrival->fault = std::move(verdict.status);
  // Nobody who is turned away makes us export spans by asking for them.
  if (!arrival->fault.ok()) EndSampling(&arrival->trace);
  if (absl::IsResourceExhausted(arrival->fault)) {
    arrival->fault = WithRetryInfo(std::move(arrival->fault), verdict.retry_after);
  }
  if (verdict.failure.has_value() && context.observer != nullptr) {
    context.observer->OnAuthFailure(*verdict.failure);
  }
}

}  // namespace

absl::Time DeadlineBy(Clock* clock, std::chrono::system_clock::time_point deadline) {
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return clock->Now() + (absl::FromChrono(deadline) - Clock::Real()->Now());
}

RequestFlow::Arrival NoteArrival(const RpcContext& context, std::string_view method,
                                 grpc::CallbackServerContext* call) {
  RequestFlow::Arrival arrival{.method = method,
                               .request_id = RequestIdOf(*call),
                               .trace = context.sampler.Begin(call->client_metadata()),
                               .at = context.clock->Now(),
                               .deadline = DeadlineBy(context.clock, call->deadline())};
  absl::StatusOr<std::string> tenant = TenantOf(*call, context.tenant_key);
  if (context.guard != nullptr) AskGuard(context, *call, tenant.ok() ? *tenant : "", &arrival);
  // Who may not come in is not told what else is wrong.
  if (arrival.fault.ok() && !tenant.ok()) arrival.fault = tenant.status();
  if (context.guard == nullptr && tenant.ok()) arrival.tenant = *std::move(tenant);
  call->AddInitialMetadata(kRequestIdKey, arrival.request_id);
  return arrival;
}

}  // namespace mrmllm
