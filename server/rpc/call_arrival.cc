// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/call_arrival.h"

#include <string>

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

}  // namespace

absl::Time DeadlineBy(Clock* clock, std::chrono::system_clock::time_point deadline) {
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return clock->Now() + (absl::FromChrono(deadline) - Clock::Real()->Now());
}

RequestFlow::Arrival NoteArrival(grpc::CallbackServerContext* context, std::string_view method,
                                 Clock* clock) {
  RequestFlow::Arrival arrival{.method = method,
                               .request_id = RequestIdOf(*context),
                               .at = clock->Now(),
                               .deadline = DeadlineBy(clock, context->deadline())};
  context->AddInitialMetadata(kRequestIdKey, arrival.request_id);
  return arrival;
}

}  // namespace mrmllm
