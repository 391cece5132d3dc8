// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_GROUP_CODE_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_GROUP_CODE_H_

#include <array>
#include <cstdint>

namespace mrmllm::packed {

// Inputs that share a scale.
inline constexpr int kGroup = 32;

// What stands for zero among the 8-bit codes.
inline constexpr int kZeroCode8 = 128;

// Weight i of a group is minimum + scale * codes[i].
struct GroupCode {
  std::array<uint8_t, kGroup> codes = {};
  float scale = 0;
  float minimum = 0;  // of 8-bit codes always -kZeroCode8 * scale
};

// 16 levels between the group's extremes. A group that was rounded so before (GGUF's Q4_1) comes
// back with the same codes, since both extremes are among them; scale and minimum are then fitted
// to the values, and rounded to what float16 holds.
GroupCode EncodeInt4(const float* weights);

// 255 levels, symmetric about zero. GGUF's Q8_0 comes back with the same codes, or, where bfloat16
// has rounded it in between, with a neighbour for a few in a thousand.
GroupCode EncodeInt8(const float* weights);

}  // namespace mrmllm::packed

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_GROUP_CODE_H_
