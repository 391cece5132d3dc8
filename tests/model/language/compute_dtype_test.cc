// SPDX-License-Identifier: Apache-2.0
#include "model/language/compute_dtype.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "model/language/packed/tile_kernels.h"

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

TEST(ComputeDtypeTest, AutoTakesTheFormatThatTheBundleWasMadeForWhereTheCpuIsFastInIt) {
  const bool fast = packed::HasFastProducts(WeightFormat::kInt4);
  const WeightFormat none = *ChooseWeightFormat("auto", "", at::kCPU);
  EXPECT_EQ(none, cpu_supports_bf16() ? WeightFormat::kBfloat16 : WeightFormat::kFloat32);
  EXPECT_EQ(*ChooseWeightFormat("auto", "int4", at::kCPU), fast ? WeightFormat::kInt4 : none);
  EXPECT_EQ(*ChooseWeightFormat("auto", "int4", at::kCUDA), WeightFormat::kBfloat16);
  EXPECT_EQ(*ChooseWeightFormat("float32", "int4", at::kCPU), WeightFormat::kFloat32);
  EXPECT_EQ(*ChooseWeightFormat("int8", "", at::kCPU), WeightFormat::kInt8);
}

TEST(ComputeDtypeTest, QuantisedWeightsAreRefusedOffTheCpu) {
  for (const char* setting : {"int8", "int4"}) {
    const auto status = ChooseWeightFormat(setting, "", at::kCUDA).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(testing::HasSubstr("device.dtype"), testing::HasSubstr("for CPUs")));
  }
  EXPECT_EQ(ChooseWeightFormat("int2", "", at::kCPU).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mrmllm
