// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/rpc_names.h"

#include "gtest/gtest.h"
#include "inference/grpc_service.grpc.pb.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"

namespace mrmllm {
namespace {

TEST(RpcNamesTest, KnowsEveryMethodOfOurServices) {
  EXPECT_NE(v1::DetectRequest::descriptor(), nullptr);      // so that they are linked
  EXPECT_NE(v1::ListModelsRequest::descriptor(), nullptr);  // likewise
  EXPECT_NE(inference::ModelInferRequest::descriptor(), nullptr);
  const RpcNames names;
  EXPECT_EQ(names.ServiceOf("Detect"), v1::MrMllmService::service_full_name());
  EXPECT_EQ(names.ServiceOf("PerceiveAndAnswerStream"), v1::MrMllmService::service_full_name());
  EXPECT_EQ(names.ServiceOf("ListModels"), v1::ModelService::service_full_name());
  EXPECT_EQ(names.ServiceOf("ModelInfer"), inference::GRPCInferenceService::service_full_name());
  EXPECT_EQ(names.ServiceOf("Divine"), "");
}

}  // namespace
}  // namespace mrmllm
