// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_pool.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

TEST(KvPoolTest, HoldsAsManyWholeBlocksAsTheCapacityAllows) {
  const LanguageConfig config = TinyLanguageConfig();
  const size_t block = KvPool::BlockBytes(config, at::kFloat);
  EXPECT_EQ(block, 3u * 2 * 2 * 16 * 16 * 4);
  const auto pool = KvPool::Create(config, {.capacity_bytes = 5 * block + block - 1}).value();
  EXPECT_EQ(pool->blocks().count(), 5);
  EXPECT_EQ(pool->size_bytes(), 5 * block);
  EXPECT_EQ(pool->block_bytes(), block);
}

TEST(KvPoolTest, ABfloat16BlockTakesHalf) {
  EXPECT_EQ(2 * KvPool::BlockBytes(TinyLanguageConfig(), at::kBFloat16),
            KvPool::BlockBytes(TinyLanguageConfig(), at::kFloat));
}

TEST(KvPoolTest, ACapacityBelowOneBlockIsRefusedByName) {
  const auto status = KvPool::Create(TinyLanguageConfig(), {.capacity_bytes = 100}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("capacity_bytes"), testing::HasSubstr("got 100")));
}

TEST(KvPoolTest, CountsTheBlocksOfSomeTokens) {
  EXPECT_EQ(KvPool::BlocksFor(1), 1);
  EXPECT_EQ(KvPool::BlocksFor(16), 1);
  EXPECT_EQ(KvPool::BlocksFor(17), 2);
}

TEST(KvPoolTest, TheKernelsViewOfALayerIsTheTensors) {
  const auto pool = KvPool::Create(TinyLanguageConfig(), {.capacity_bytes = 1 << 20}).value();
  for (int layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(pool->Layer(layer).keys, pool->Keys(layer).data_ptr());
    EXPECT_EQ(pool->Layer(layer).values, pool->Values(layer).data_ptr());
    EXPECT_FALSE(pool->Layer(layer).bfloat16);
  }
}

}  // namespace
}  // namespace mrmllm
