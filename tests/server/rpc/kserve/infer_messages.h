// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_RPC_KSERVE_INFER_MESSAGES_H_
#define MRMLLM_TESTS_SERVER_RPC_KSERVE_INFER_MESSAGES_H_

#include <string>
#include <string_view>
#include <vector>

#include "inference/grpc_service.pb.h"

namespace mrmllm {

// Elements of a BYTES tensor as they stand in raw_input_contents.
inline std::string RawBytes(const std::vector<std::string>& elements) {
  std::string raw;
  for (const std::string& element : elements) {
    for (int shift = 0; shift < 32; shift += 8) {
      raw.push_back(static_cast<char>(element.size() >> shift));
    }
    raw += element;
  }
  return raw;
}

// Adds an input without contents.
inline inference::ModelInferRequest::InferInputTensor* AddInput(
    std::string_view name, std::string_view datatype, const std::vector<int64_t>& shape,
    inference::ModelInferRequest* request) {
  auto* input = request->add_inputs();
  input->set_name(std::string(name));
  input->set_datatype(std::string(datatype));
  input->mutable_shape()->Add(shape.begin(), shape.end());
  return input;
}

// Adds a BYTES input, its elements in its contents.
inline void AddContents(std::string_view name, const std::vector<std::string>& elements,
                        inference::ModelInferRequest* request) {
  auto* contents =
      AddInput(name, "BYTES", {static_cast<int64_t>(elements.size())}, request)->mutable_contents();
  contents->mutable_bytes_contents()->Add(elements.begin(), elements.end());
}

// Adds a BYTES input, its elements in raw_input_contents.
inline void AddRaw(std::string_view name, const std::vector<std::string>& elements,
                   inference::ModelInferRequest* request) {
  AddInput(name, "BYTES", {static_cast<int64_t>(elements.size())}, request);
  request->add_raw_input_contents(RawBytes(elements));
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_RPC_KSERVE_INFER_MESSAGES_H_
