// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_writing.h"

#include <bit>

namespace mrmllm {
namespace {

void AppendLittleEndian(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

}  // namespace

TensorWriter::Tensor* TensorWriter::Add(const OutputSpec& spec, int rows) {
  Tensor* tensor = response_->add_outputs();
  tensor->set_name(std::string(spec.name));
  tensor->set_datatype(std::string(spec.datatype));
  for (const int64_t side : spec.shape) tensor->add_shape(side < 0 ? rows : side);
  return tensor;
}

TensorWriter::Tensor* TensorWriter::AddFloats(const OutputSpec& spec,
                                              const std::vector<float>& elements, int rows) {
  Tensor* tensor = Add(spec, rows);
  if (raw_) {
    std::string* raw = response_->add_raw_output_contents();
    for (const float element : elements) AppendLittleEndian(std::bit_cast<uint32_t>(element), raw);
  } else {
    tensor->mutable_contents()->mutable_fp32_contents()->Add(elements.begin(), elements.end());
  }
  return tensor;
}

TensorWriter::Tensor* TensorWriter::AddInts(const OutputSpec& spec,
                                            const std::vector<int32_t>& elements, int rows) {
  Tensor* tensor = Add(spec, rows);
  if (raw_) {
    std::string* raw = response_->add_raw_output_contents();
    for (const int32_t element : elements) AppendLittleEndian(static_cast<uint32_t>(element), raw);
  } else {
    tensor->mutable_contents()->mutable_int_contents()->Add(elements.begin(), elements.end());
  }
  return tensor;
}

TensorWriter::Tensor* TensorWriter::AddBytes(const OutputSpec& spec,
                                             const std::vector<std::string>& elements, int rows) {
  Tensor* tensor = Add(spec, rows);
  if (raw_) {
    std::string* raw = response_->add_raw_output_contents();
    for (const std::string& element : elements) {
      AppendLittleEndian(static_cast<uint32_t>(element.size()), raw);
      raw->append(element);
    }
  } else {
    tensor->mutable_contents()->mutable_bytes_contents()->Add(elements.begin(), elements.end());
  }
  return tensor;
}

}  // namespace mrmllm
