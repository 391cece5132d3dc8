// SPDX-License-Identifier: Apache-2.0
#include "model/language/compute_dtype.h"

#include <ATen/Context.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <string>

#include "absl/strings/str_cat.h"

namespace mrmllm {

bool cpu_supports_bf16() {
#if defined(__x86_64__)
  // AVX512F first: it also says whether the operating system saves the wide registers.
  if (!__builtin_cpu_supports("avx512f")) return false;
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (eax & (1u << 5)) != 0;  // AVX512_BF16; every CPU with AMX-BF16 has it too
#else
  return false;
#endif
}

absl::StatusOr<at::ScalarType> ChooseComputeDtype(std::string_view setting, at::Device device) {
  if (setting == "float32") return at::kFloat;
  if (setting == "bfloat16") return at::kBFloat16;
  if (setting != "auto") {
    return absl::InvalidArgumentError(absl::StrCat(
        "dtype: expected auto, float32 or bfloat16, got '", std::string(setting), "'"));
  }
  // Every CUDA device that this libtorch still supports computes in bfloat16.
  const bool bf16 = device.is_cuda() || (device.is_cpu() && cpu_supports_bf16());
  return bf16 ? at::kBFloat16 : at::kFloat;
}

}  // namespace mrmllm
