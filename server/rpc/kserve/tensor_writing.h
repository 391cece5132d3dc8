// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_TENSOR_WRITING_H_
#define MRMLLM_SERVER_RPC_KSERVE_TENSOR_WRITING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "inference/grpc_service.pb.h"
#include "server/rpc/kserve/tensor_specs.h"

namespace mrmllm {

// Adds tensors to a reply. The sides of a shape are those of the spec, with `rows` for the side of
// any length.
//
//   TensorWriter writer(reply.raw, response);
//   writer.AddFloats(SpecOf(Output::kScores), {0.9f, 0.5f}, 2);
//
// Thread-safety: one thread. Ownership: the response outlives it; the tensors it returns are the
// response's.
class TensorWriter {
 public:
  using Tensor = inference::ModelInferResponse::InferOutputTensor;

  // `raw`: elements go into raw_output_contents, else into each tensor's contents.
  TensorWriter(bool raw, inference::ModelInferResponse* response)
      : raw_(raw), response_(response) {}

  // REQUIRES: the spec's datatype is FP32, INT32 or BYTES.
  Tensor* AddFloats(const OutputSpec& spec, const std::vector<float>& elements, int rows);
  Tensor* AddInts(const OutputSpec& spec, const std::vector<int32_t>& elements, int rows);
  Tensor* AddBytes(const OutputSpec& spec, const std::vector<std::string>& elements, int rows);

 private:
  Tensor* Add(const OutputSpec& spec, int rows);

  const bool raw_;
  inference::ModelInferResponse* const response_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_TENSOR_WRITING_H_
