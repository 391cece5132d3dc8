// SPDX-License-Identifier: Apache-2.0
#include "model/language/compute_dtype.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ComputeDtypeTest, TheSettingDecidesAndAutoFollowsTheDevice) {
  EXPECT_EQ(*ChooseComputeDtype("float32", at::kCUDA), at::kFloat);
  EXPECT_EQ(*ChooseComputeDtype("bfloat16", at::kCPU), at::kBFloat16);
  EXPECT_EQ(*ChooseComputeDtype("auto", at::kCUDA), at::kBFloat16);
  EXPECT_EQ(*ChooseComputeDtype("auto", at::kCPU),
            cpu_supports_bf16() ? at::kBFloat16 : at::kFloat);
}

TEST(ComputeDtypeTest, AnotherWordIsRefusedByName) {
  const auto status = ChooseComputeDtype("half", at::kCPU).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("'half'"));
}

}  // namespace
}  // namespace mrmllm
