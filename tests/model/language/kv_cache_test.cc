// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv_cache.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "model/language/compute_dtype.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

TEST(KvCacheTest, IsAllocatedWholeWhenMade) {
  const auto cache = KvCache::Create(TinyLanguageConfig(), {.capacity = 10});
  ASSERT_TRUE(cache.ok());
  EXPECT_EQ((*cache)->size_bytes(), 3u * 2 * 2 * 10 * 16 * 4);
  EXPECT_EQ((*cache)->size_bytes(), KvCache::SizeBytes(TinyLanguageConfig(), 10, at::kFloat));
  EXPECT_EQ((*cache)->capacity(), 10);
  EXPECT_EQ((*cache)->length(), 0);
}

TEST(KvCacheTest, ACapacityOutsideTheContextIsRefusedByName) {
  for (const int64_t capacity : {-1, 0, 97}) {
    const auto status = KvCache::Create(TinyLanguageConfig(), {.capacity = capacity}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(testing::HasSubstr("capacity"), testing::HasSubstr("1 to 96")));
  }
}

TEST(KvCacheTest, HasRoomForExactlyItsCapacity) {
  const auto cache = KvCache::Create(TinyLanguageConfig(), {.capacity = 10});
  EXPECT_TRUE((*cache)->CheckRoom(10).ok());
  EXPECT_EQ((*cache)->CheckRoom(11).code(), absl::StatusCode::kResourceExhausted);
}

TEST(KvCacheTest, CannotBeTruncatedToMoreThanItHolds) {
  const auto cache = KvCache::Create(TinyLanguageConfig(), {.capacity = 10});
  EXPECT_THROW((*cache)->Truncate(1), c10::Error);
}

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
