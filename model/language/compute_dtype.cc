// SPDX-License-Identifier: Apache-2.0
#include "model/language/compute_dtype.h"

#include <ATen/Context.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/language/packed/tile_kernels.h"

namespace mrmllm {
namespace {

std::optional<WeightFormat> FormatNamed(std::string_view name) {
  for (const auto format : {WeightFormat::kFloat32, WeightFormat::kBfloat16, WeightFormat::kInt8,
                            WeightFormat::kInt4}) {
    if (WeightFormatName(format) == name) return format;
  }
  return std::nullopt;
}

}  // namespace

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

absl::StatusOr<WeightFormat> ChooseWeightFormat(std::string_view setting, std::string_view prepared,
                                                at::Device device) {
  if (setting == "auto") {
    const std::optional<WeightFormat> format = FormatNamed(prepared);
    if (format && device.is_cpu() && packed::HasFastProducts(*format)) return *format;
    ASSIGN_OR_RETURN(const at::ScalarType dtype, ChooseComputeDtype(setting, device));
    return dtype == at::kFloat ? WeightFormat::kFloat32 : WeightFormat::kBfloat16;
  }
  const std::optional<WeightFormat> format = FormatNamed(setting);
  if (!format) {
    return absl::InvalidArgumentError(
        absl::StrCat("device.dtype: expected auto, float32, bfloat16, int8 or int4, got '",
                     std::string(setting), "'"));
  }
  if (*format >= WeightFormat::kInt8 && !device.is_cpu()) {
    return absl::InvalidArgumentError(absl::StrCat("device.dtype: ", std::string(setting),
                                                   " is for CPUs; on ", device.str(),
                                                   " expected auto, float32 or bfloat16"));
  }
  return *format;
}

}  // namespace mrmllm
