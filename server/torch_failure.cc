// SPDX-License-Identifier: Apache-2.0
#include "server/torch_failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

constexpr int kCudaOutOfMemory = 2;
constexpr std::string_view kCpuAllocator = "DefaultCPUAllocator: can't allocate memory";

// CUDA's errors that concern one call only, by number: invalid value, launch configuration, pitch,
// device function, no kernel image for the device, launch out of resources, not supported. After
// any other the context is lost: every later call returns the same error.
constexpr int kCudaErrorsOfOneCall[] = {1, 9, 12, 98, 209, 701, 801};

bool ConcernsOneCall(int code) {
  return std::find(std::begin(kCudaErrorsOfOneCall), std::end(kCudaErrorsOfOneCall), code) !=
         std::end(kCudaErrorsOfOneCall);
}

}  // namespace

absl::Status FailureStatus(const char* step, const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const char* what = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  const auto* device_error = dynamic_cast<const c10::AcceleratorError*>(&error);
  const int code = device_error != nullptr ? device_error->get_error_code() : 0;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr || code == kCudaOutOfMemory) {
    return absl::ResourceExhaustedError(absl::StrCat(step, ": the device is out of memory"));
  }
  // libtorch's allocator in main memory throws its general error; only the text tells.
  const bool beside_the_device =
      std::string_view(what).find(kCpuAllocator) != std::string_view::npos;
  if (beside_the_device || dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat(step, ": out of memory"));
  }
  if (device_error != nullptr && !ConcernsOneCall(code)) {
    return absl::UnavailableError(
        absl::StrCat(step, ": the device has failed with error ", code, ": ", what));
  }
  return absl::InternalError(absl::StrCat(step, ": ", what));
}

}  // namespace mrmllm
