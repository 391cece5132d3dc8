// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_INFER_PARAMETERS_H_
#define MRMLLM_SERVER_RPC_KSERVE_INFER_PARAMETERS_H_

#include <string>

#include "absl/time/time.h"

#include "google/protobuf/map.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/request/field_checks.h"

namespace mrmllm {

// The settings of a ModelInfer request: those of our own contract, by name.
struct InferSettings {
  PerceptionSettings perception;
  GenerationSettings generation;
  Priority priority = Priority::kNormal;
  bool may_degrade = false;
  absl::Duration timeout = absl::InfiniteDuration();  // from arrival
};

using InferParameters = google::protobuf::Map<std::string, inference::InferParameter>;

// Reads and checks them. An unknown name, a value of the wrong type and one out of range are faults
// of the field "parameters.NAME".
InferSettings ReadParameters(const InferParameters& parameters, const ValidationRules& rules,
                             FieldChecks* checks);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_INFER_PARAMETERS_H_
