// SPDX-License-Identifier: Apache-2.0
#include "model/device.h"

#include <dlfcn.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "c10/core/impl/VirtualGuardImpl.h"

namespace mrmllm {
namespace {

// Loading the library registers its kernels; it is never unloaded.
absl::Status LoadCudaHalf() {
  static const auto& status = *new absl::Status([]() -> absl::Status {
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(
        "device.name: a CUDA device needs libtorch_cuda.so and the CUDA libraries it links: ",
        dlerror()));
  }());
  return status;
}

absl::StatusOr<int> CudaIndex(const std::string& name) {
  int index = 0;
  absl::string_view rest = name;
  if (absl::ConsumePrefix(&rest, "cuda") &&
      (rest.empty() || (absl::ConsumePrefix(&rest, ":") && absl::SimpleAtoi(rest, &index) &&
                        index >= 0 && index < 128))) {
    return index;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("device.name: expected cpu or cuda:N, got '", name, "'"));
}

}  // namespace

absl::StatusOr<at::Device> OpenDevice(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  ASSIGN_OR_RETURN(const int index, CudaIndex(name));
  RETURN_IF_ERROR(LoadCudaHalf());
  if (!torch::cuda::is_available()) {
    return absl::UnavailableError(
        "device.name: no CUDA device is usable; is the driver installed and the device visible?");
  }
  const int count = static_cast<int>(torch::cuda::device_count());
  if (index >= count) {
    return absl::UnavailableError(
        absl::StrCat("device.name: expected cuda:0 to cuda:", count - 1, ", got '", name, "'"));
  }
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

// Through libtorch's device-neutral guard: this file compiles without CUDA's headers.
ExecutionStream::ExecutionStream(at::Device device) {
  if (device.is_cpu()) return;
  stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

ExecutionStream::Scope::Scope(const ExecutionStream& stream) {
  if (stream.stream_.has_value()) guard_.emplace(*stream.stream_);
}

}  // namespace mrmllm
