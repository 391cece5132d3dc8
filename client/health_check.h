// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_HEALTH_CHECK_H_
#define MRMLLM_CLIENT_HEALTH_CHECK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"

namespace mrmllm {

// Calls grpc.health.v1.Health/Check once. What Client::Health is made of.
absl::StatusOr<ServingStatus> CheckHealth(const std::shared_ptr<grpc::Channel>& channel,
                                          const std::string& service, grpc::ClientContext* context);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_HEALTH_CHECK_H_
