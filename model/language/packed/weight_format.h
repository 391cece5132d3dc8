// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_WEIGHT_FORMAT_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_WEIGHT_FORMAT_H_

#include <string_view>

namespace mrmllm {

// How the language model's weights are held. The quantised formats keep a scale for every 32
// inputs of an output; the activations that meet them are rounded to 8 bits.
enum class WeightFormat {
  kFloat32,
  kBfloat16,
  kInt8,
  kInt4,  // 4 bits with a scale and a minimum; embedding and head in 8
};

inline std::string_view WeightFormatName(WeightFormat format) {
  switch (format) {
    case WeightFormat::kFloat32:
      return "float32";
    case WeightFormat::kBfloat16:
      return "bfloat16";
    case WeightFormat::kInt8:
      return "int8";
    case WeightFormat::kInt4:
      return "int4";
  }
  return "";
}

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_WEIGHT_FORMAT_H_
