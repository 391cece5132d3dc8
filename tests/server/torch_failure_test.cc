// SPDX-License-Identifier: Apache-2.0
#include "server/torch_failure.h"

#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "torch/torch.h"

namespace mrmllm {
namespace {

c10::AcceleratorError DeviceError(int code) {
  return {{"f", "f.cc", 1}, code, "CUDA error: something"};
}

TEST(TorchFailureTest, AnErrorThatTheDeviceDoesNotRecoverFromIsUnavailable) {
  // An illegal address, a failed launch, an uncorrectable memory error, a device that has gone.
  for (const int code : {700, 719, 214, 46, 999}) {
    EXPECT_THAT(FailureStatus("decode", DeviceError(code)),
                StatusIs(absl::StatusCode::kUnavailable,
                         testing::AllOf(testing::HasSubstr("decode"),
                                        testing::HasSubstr(std::to_string(code)))));
  }
}

TEST(TorchFailureTest, AnErrorOfOneCallIsInternal) {
  for (const int code : {1, 9, 701, 801}) {
    EXPECT_THAT(FailureStatus("decode", DeviceError(code)), StatusIs(absl::StatusCode::kInternal));
  }
}

TEST(TorchFailureTest, MemoryThatRanOutIsResourceExhausted) {
  const c10::OutOfMemoryError on_device({"f", "f.cc", 1}, "no room");
  EXPECT_THAT(FailureStatus("prefill", on_device), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(FailureStatus("prefill", DeviceError(2)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(FailureStatus("prefill", std::bad_alloc()),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(TorchFailureTest, MainMemoryThatRanOutIsResourceExhausted) {
  try {
    at::empty({int64_t{1} << 50}, at::kByte);
    FAIL() << "a petabyte was there";
  } catch (const std::exception& error) {
    EXPECT_THAT(FailureStatus("prefill", error),
                StatusIs(absl::StatusCode::kResourceExhausted, "prefill: out of memory"));
  }
}

TEST(TorchFailureTest, AnythingElseIsInternalAndSaysWhat) {
  EXPECT_THAT(FailureStatus("start", std::runtime_error("why")),
              StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("start: why")));
  const c10::Error wrong({"f", "f.cc", 1}, "expected 3, got 4");
  EXPECT_THAT(FailureStatus("start", wrong),
              StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("expected 3, got 4")));
}

}  // namespace
}  // namespace mrmllm
