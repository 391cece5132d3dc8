// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/rpc_names.h"

#include "google/protobuf/descriptor.h"

namespace mrmllm {
namespace {

constexpr const char* kServices[] = {"mrmllm.v1.MrMllmService", "mrmllm.v1.ModelService",
                                     "inference.GRPCInferenceService"};

}  // namespace

RpcNames::RpcNames() {
  for (const char* name : kServices) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      service_of_.emplace(service->method(i)->name(), name);
    }
  }
}

std::string_view RpcNames::ServiceOf(std::string_view method) const {
  const auto entry = service_of_.find(std::string(method));
  return entry == service_of_.end() ? std::string_view() : entry->second;
}

}  // namespace mrmllm
