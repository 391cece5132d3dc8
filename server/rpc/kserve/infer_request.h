// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_INFER_REQUEST_H_
#define MRMLLM_SERVER_RPC_KSERVE_INFER_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "inference/grpc_service.pb.h"
#include "server/rpc/kserve/tensor_specs.h"
#include "server/rpc/request/parsed_request.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {

// What the reply to a ModelInfer request is to look like.
struct InferReply {
  std::string id;               // of the request, comes back
  bool raw = false;             // elements go into raw_output_contents
  std::vector<Output> outputs;  // in the reply's order
};

// A ModelInfer request in the server's own terms.
struct ParsedInfer {
  ParsedRequest request;
  InferReply reply;
  absl::Duration timeout = absl::InfiniteDuration();  // from arrival, besides the call's deadline
};

// Reads the tensors and parameters of a request: images alone are to be detected, a question alone
// is to be answered, both together belong together. Which model it names is not looked at. Total:
// any message gives a result. Views in the result point into `request`; pictures are not copied.
//
//   ASSIGN_OR_RETURN(ParsedInfer infer, ParseInfer(*request, rules));
//
// Errors: INVALID_ARGUMENT that names every bad tensor and parameter (error_details.h).
absl::StatusOr<ParsedInfer> ParseInfer(const inference::ModelInferRequest& request,
                                       const ValidationRules& rules);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_INFER_REQUEST_H_
