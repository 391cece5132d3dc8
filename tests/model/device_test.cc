// SPDX-License-Identifier: Apache-2.0
#include "model/device.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(DeviceTest, OpensTheCpu) {
  auto device = OpenDevice("cpu");
  ASSERT_TRUE(device.ok());
  EXPECT_TRUE(device->is_cpu());
}

TEST(DeviceTest, RefusesOtherWords) {
  for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda0", "CPU"}) {
    EXPECT_EQ(OpenDevice(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(DeviceTest, OpensAGpuOrSaysWhatIsMissing) {
  auto device = OpenDevice("cuda:0");
  if (device.ok()) {
    EXPECT_TRUE(device->is_cuda());
  } else {
    EXPECT_EQ(device.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(device.status().message()), testing::HasSubstr("device.name: "));
  }
}

}  // namespace
}  // namespace mrmllm
