// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_CALLS_ADDRESSED_REQUEST_H_
#define MRMLLM_SERVER_RPC_CALLS_ADDRESSED_REQUEST_H_

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

#include "mrmllm/v1/model_selector.pb.h"
#include "server/models/model_registry.h"
#include "server/rpc/request/parsed_request.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {

// A request with the model that it is for. Without a model it is an error.
struct AddressedRequest {
  std::shared_ptr<ServedModel> model;
  absl::StatusOr<ParsedRequest> parsed;
};

// Finds the model first, then lets `parse` read the request by the model's rules.
// Errors, in `parsed`: NOT_FOUND for a model that is not loaded, and those of `parse`.
inline AddressedRequest Address(
    const ModelRegistry& models, std::string_view name, std::string_view version,
    absl::FunctionRef<absl::StatusOr<ParsedRequest>(const ValidationRules&)> parse) {
  absl::StatusOr<std::shared_ptr<ServedModel>> model = models.Find(name, version);
  if (!model.ok()) return {nullptr, model.status()};
  absl::StatusOr<ParsedRequest> parsed = parse((*model)->rules());
  return {*std::move(model), std::move(parsed)};
}
inline AddressedRequest Address(
    const ModelRegistry& models, const v1::ModelSelector& model,
    absl::FunctionRef<absl::StatusOr<ParsedRequest>(const ValidationRules&)> parse) {
  return Address(models, model.name(), model.version(), parse);
}

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_CALLS_ADDRESSED_REQUEST_H_
