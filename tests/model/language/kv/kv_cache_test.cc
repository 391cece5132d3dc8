// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_cache.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

class KvCacheTest : public testing::Test {
 protected:
  LanguageModel model_ = TinyLanguageModel();
  std::shared_ptr<KvPool> pool_ = NewPool(model_, 8);
};

TEST_F(KvCacheTest, TakesNothingBeforeItIsReserved) {
  KvCache cache(pool_, 40);
  EXPECT_EQ(cache.blocks_needed(), 3);
  EXPECT_EQ(cache.size_bytes(), 0u);
  EXPECT_EQ(pool_->blocks().usage().held, 0);
  EXPECT_EQ(cache.CheckRoom(1).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KvCacheTest, ReservesAllOfItsCapacityOnce) {
  KvCache cache(pool_, 40);
  EXPECT_TRUE(cache.Reserve());
  EXPECT_TRUE(cache.Reserve());
  EXPECT_EQ(pool_->blocks().usage().held, 3);
  EXPECT_EQ(cache.size_bytes(), 3 * pool_->block_bytes());
  EXPECT_TRUE(cache.CheckRoom(40).ok());
  EXPECT_EQ(cache.CheckRoom(41).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(KvCacheTest, WaitsForRoomAndGetsItWhenAnotherGoes) {
  auto first = std::make_unique<KvCache>(pool_, 100);
  ASSERT_TRUE(first->Reserve());
  KvCache second(pool_, 40);
  EXPECT_FALSE(second.Reserve());
  first.reset();
  EXPECT_EQ(pool_->blocks().usage().held, 0);
  EXPECT_TRUE(second.Reserve());
}

TEST_F(KvCacheTest, PublishesOnlyWhatIsHeld) {
  const auto tokens = RandomTokens(40);
  const auto keys = PrefixKeys(RootPrefixKey({}), tokens, 16);
  KvCache cache(pool_, 48, keys);
  ASSERT_TRUE(cache.Reserve());
  model_->Forward({{absl::MakeConstSpan(tokens).first(20), &cache}});
  cache.Publish();
  KvCache other(pool_, 48, keys);
  ASSERT_TRUE(other.Reserve());
  EXPECT_EQ(other.shared_tokens(), 16);
  EXPECT_EQ(other.length(), 16);
  EXPECT_EQ(other.blocks()[0], cache.blocks()[0]);
}

TEST_F(KvCacheTest, OneThatGoesBeforeItPublishedLeavesNothingBehind) {
  const auto tokens = RandomTokens(40);
  const auto keys = PrefixKeys(RootPrefixKey({}), tokens, 16);
  {
    KvCache cancelled(pool_, 48, keys);
    ASSERT_TRUE(cancelled.Reserve());
    model_->Forward({{tokens, &cancelled}});
  }
  KvCache other(pool_, 48, keys);
  ASSERT_TRUE(other.Reserve());
  EXPECT_EQ(other.shared_tokens(), 0);
}

TEST_F(KvCacheTest, CannotBeTruncatedIntoWhatOthersMayShare) {
  const auto tokens = RandomTokens(40);
  KvCache cache(pool_, 48, PrefixKeys(RootPrefixKey({}), tokens, 16));
  ASSERT_TRUE(cache.Reserve());
  EXPECT_THROW(cache.Truncate(1), c10::Error) << "more than it holds";
  model_->Forward({{tokens, &cache}});
  cache.Publish();
  EXPECT_THROW(cache.Truncate(31), c10::Error);
  cache.Truncate(32);
  EXPECT_EQ(cache.length(), 32);
}

TEST_F(KvCacheTest, KeysThatLeaveNoTokenToReadAreABug) {
  const auto keys = PrefixKeys(RootPrefixKey({}), RandomTokens(32), 16);
  EXPECT_THROW(KvCache(pool_, 32, keys), c10::Error);
}

}  // namespace
}  // namespace mrmllm
