// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_COMPUTE_DTYPE_H_
#define MRMLLM_MODEL_LANGUAGE_COMPUTE_DTYPE_H_

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string_view>

#include "absl/status/statusor.h"

#include "model/language/packed/weight_format.h"

namespace mrmllm {

// Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX). Elsewhere bfloat16 would
// be slower than float32.
bool cpu_supports_bf16();

// Resolves the setting "auto", "float32" or "bfloat16". "auto" is bfloat16 where the device
// computes in it, else float32. INVALID_ARGUMENT for another word.
absl::StatusOr<at::ScalarType> ChooseComputeDtype(std::string_view setting, at::Device device);

// Resolves the setting "auto", "float32", "bfloat16", "int8" or "int4" for the language model's
// weights. "auto" on a CPU is `prepared`, the format that the bundle was made for (empty: none),
// where the CPU has instructions for it; else as ChooseComputeDtype. INVALID_ARGUMENT for another
// word, and for int8 and int4 elsewhere than on a CPU.
absl::StatusOr<WeightFormat> ChooseWeightFormat(std::string_view setting, std::string_view prepared,
                                                at::Device device);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_COMPUTE_DTYPE_H_
