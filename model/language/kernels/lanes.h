// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_LANES_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_LANES_H_

#include <cstdint>

namespace mrmllm::kernels {

// Floats that the kernels treat at once: the widths they serve are multiples of it.
inline constexpr int64_t kLanes = 8;

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_LANES_H_
