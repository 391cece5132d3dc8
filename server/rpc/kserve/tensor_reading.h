// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_TENSOR_READING_H_
#define MRMLLM_SERVER_RPC_KSERVE_TENSOR_READING_H_

#include <string>
#include <string_view>
#include <vector>

#include "inference/grpc_service.pb.h"
#include "server/image_decoding/image_decoder.h"
#include "server/rpc/request/field_checks.h"

namespace mrmllm {

// One input of a ModelInfer request and where its elements are.
// Ownership: views into the request, which must outlive it.
struct InputTensor {
  const inference::ModelInferRequest::InferInputTensor* tensor = nullptr;
  const std::string* raw = nullptr;  // its entry of raw_input_contents; null: in `contents`
  std::string field;                 // for messages: "inputs['image']"

  std::string_view name() const { return tensor->name(); }
};

// The inputs, each with its raw contents where the request has such. Empty when those do not fit
// together, which `checks` is told.
std::vector<InputTensor> PairInputs(const inference::ModelInferRequest& request,
                                    FieldChecks* checks);

// The elements of a BYTES tensor of 1 to `max_count` elements, shape [n] or [n, 1]; empty when
// something is wrong. Nothing is copied.
std::vector<std::string_view> ReadBytes(const InputTensor& input, int max_count,
                                        FieldChecks* checks);

// The pictures of a UINT8 tensor [height, width, 3] or [n, height, width, 3] of red, green and blue
// in raw_input_contents, 1 to `max_count` of them; empty when something is wrong. Nothing is
// copied.
std::vector<RawPixels> ReadPixels(const InputTensor& input, int max_count, FieldChecks* checks);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_TENSOR_READING_H_
