// SPDX-License-Identifier: Apache-2.0
#include "model/device.h"

#include "c10/core/impl/VirtualGuardImpl.h"
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

TEST(ExecutionStreamTest, OnTheCpuWorkRunsWhereItStands) {
  const ExecutionStream stream(at::kCPU);
  EXPECT_FALSE(stream.asynchronous());
  const ExecutionStream::Scope outer(stream);
  const ExecutionStream::Scope inner(stream);
  EXPECT_EQ((at::ones({2}) + 1).sum().item<float>(), 4);
}

TEST(ExecutionStreamTest, OnAGpuEachHasItsOwn) {
  auto device = OpenDevice("cuda:0");
  if (!device.ok()) GTEST_SKIP() << device.status();
  const ExecutionStream first(*device);
  const ExecutionStream second(*device);
  EXPECT_TRUE(first.asynchronous());
  const c10::impl::VirtualGuardImpl guard(device->type());
  const c10::Stream before = guard.getStream(*device);
  c10::Stream inside = before;
  {
    const ExecutionStream::Scope on_first(first);
    inside = guard.getStream(*device);
    const ExecutionStream::Scope on_second(second);
    EXPECT_NE(guard.getStream(*device), inside);
  }
  EXPECT_NE(inside, before);
  EXPECT_EQ(guard.getStream(*device), before);
}

}  // namespace
}  // namespace mrmllm
