// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/kv_blocks.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

// Keys of a prompt that is one letter a block.
std::vector<PrefixKey> Chain(const std::string& letters, const std::string& salt = "") {
  const std::vector<int32_t> tokens(letters.begin(), letters.end());
  return PrefixKeys(RootPrefixKey({salt}), tokens, 1);
}

std::vector<int32_t> TakeAndPublish(KvBlocks& blocks, const std::string& letters) {
  const auto keys = Chain(letters);
  const auto lease = blocks.Take(static_cast<int64_t>(keys.size()), keys);
  EXPECT_TRUE(lease.has_value());
  for (size_t i = 0; i < keys.size(); ++i) blocks.Publish(lease->blocks[i], keys[i]);
  return lease->blocks;
}

int64_t Shared(KvBlocks& blocks, const std::vector<PrefixKey>& keys) {
  const auto lease = blocks.Take(static_cast<int64_t>(keys.size()), keys);
  if (!lease.has_value()) return -1;
  blocks.Return(lease->blocks);
  return lease->shared;
}

TEST(KvBlocksTest, GivesAllOrNothing) {
  KvBlocks blocks(3);
  const auto two = blocks.Take(2, {});
  ASSERT_TRUE(two.has_value());
  EXPECT_FALSE(blocks.Take(2, {}).has_value());
  EXPECT_EQ(blocks.usage().held, 2);
  EXPECT_TRUE(blocks.Take(1, {}).has_value());
}

TEST(KvBlocksTest, AReturnedLeaseIsFreeAtOnce) {
  KvBlocks blocks(3);
  blocks.Return(blocks.Take(3, {})->blocks);
  EXPECT_EQ(blocks.usage().held, 0);
  EXPECT_EQ(blocks.usage().cached, 0);
  EXPECT_TRUE(blocks.Take(3, {}).has_value());
}

TEST(KvBlocksTest, ReusesMemoryBeforeItTouchesNew) {
  KvBlocks blocks(8);
  const auto first = blocks.Take(2, {})->blocks;
  blocks.Return(first);
  EXPECT_THAT(blocks.Take(2, {})->blocks, testing::UnorderedElementsAreArray(first));
}

TEST(KvBlocksTest, AChainIsSharedUpToItsFirstDifference) {
  KvBlocks blocks(9);
  const auto held = TakeAndPublish(blocks, "abc");
  const auto keys = Chain("abX");
  const auto lease = blocks.Take(4, keys);
  EXPECT_EQ(lease->shared, 2);
  EXPECT_EQ(lease->blocks[0], held[0]);
  EXPECT_EQ(lease->blocks[1], held[1]);
  EXPECT_THAT(held, testing::Not(testing::Contains(lease->blocks[2])));
  EXPECT_EQ(blocks.usage().held, 5) << "a shared block counts once";
}

TEST(KvBlocksTest, WhatNobodyPublishedIsNotShared) {
  KvBlocks blocks(4);
  const auto keys = Chain("ab");
  const auto unpublished = blocks.Take(2, keys);
  EXPECT_EQ(blocks.Take(2, keys)->shared, 0);
}

TEST(KvBlocksTest, TenantsShareNothing) {
  KvBlocks blocks(4);
  TakeAndPublish(blocks, "ab");
  EXPECT_EQ(Shared(blocks, Chain("ab")), 2);
  EXPECT_EQ(Shared(blocks, Chain("ab", "another tenant")), 0);
}

TEST(KvBlocksTest, ContentsOutliveTheirHolder) {
  KvBlocks blocks(4);
  blocks.Return(TakeAndPublish(blocks, "ab"));
  EXPECT_EQ(blocks.usage().held, 0);
  EXPECT_EQ(blocks.usage().cached, 2);
  EXPECT_EQ(Shared(blocks, Chain("ab")), 2);
}

TEST(KvBlocksTest, ASharedBlockStaysUntilItsLastHolderHasGone) {
  KvBlocks blocks(2);
  const auto first = TakeAndPublish(blocks, "ab");
  const auto second = blocks.Take(2, Chain("ab"));
  blocks.Return(first);
  EXPECT_EQ(blocks.usage().held, 2);
  EXPECT_FALSE(blocks.Take(1, {}).has_value());
  blocks.Return(second->blocks);
  EXPECT_TRUE(blocks.Take(2, {}).has_value());
}

TEST(KvBlocksTest, TheLeastRecentlyUsedContentsGiveWay) {
  KvBlocks blocks(4);
  blocks.Return(TakeAndPublish(blocks, "ab"));
  blocks.Return(TakeAndPublish(blocks, "cd"));
  EXPECT_EQ(Shared(blocks, Chain("ab")), 2);  // used again: now the younger
  const auto fresh = blocks.Take(2, {});
  EXPECT_EQ(blocks.usage().cached, 2);
  EXPECT_EQ(blocks.Take(1, Chain("c")).has_value(), true);
  EXPECT_EQ(fresh->shared, 0);
}

TEST(KvBlocksTest, OfAChainTheEndGivesWayBeforeTheBeginning) {
  KvBlocks blocks(3);
  blocks.Return(TakeAndPublish(blocks, "abc"));
  const auto one = blocks.Take(1, {});
  EXPECT_EQ(blocks.usage().cached, 2);
  const auto again = blocks.Take(2, Chain("ab"));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->shared, 2);
}

TEST(KvBlocksTest, EmptyBlocksAreUsedBeforeContentsGiveWay) {
  KvBlocks blocks(4);
  blocks.Return(TakeAndPublish(blocks, "ab"));
  const auto two = blocks.Take(2, {});
  EXPECT_EQ(blocks.usage().cached, 2);
}

TEST(KvBlocksTest, APrefixThatIsTakenDoesNotMakeRoomForItsOwnRest) {
  KvBlocks blocks(3);
  blocks.Return(TakeAndPublish(blocks, "abc"));
  const auto one = blocks.Take(1, {});  // "c" gives way
  EXPECT_FALSE(blocks.Take(3, Chain("ab")).has_value());
  EXPECT_EQ(blocks.usage().cached, 2) << "a refused lease changes nothing";
}

TEST(KvBlocksTest, OfTwoThatPublishTheSameTheFirstCounts) {
  KvBlocks blocks(4);
  const auto keys = Chain("a");
  const auto first = blocks.Take(1, keys)->blocks;
  const auto second = blocks.Take(1, keys)->blocks;
  blocks.Publish(first[0], keys[0]);
  blocks.Publish(second[0], keys[0]);
  EXPECT_EQ(blocks.Take(1, keys)->blocks, first);
  blocks.Return(second);
  EXPECT_EQ(blocks.usage().cached, 0) << "the second is no cache, but free";
}

TEST(KvBlocksTest, ForgetsWhatNobodyHolds) {
  KvBlocks blocks(4);
  const auto held = TakeAndPublish(blocks, "ab");
  blocks.Return(TakeAndPublish(blocks, "cd"));
  blocks.ForgetContents();
  EXPECT_EQ(blocks.usage().cached, 0);
  EXPECT_EQ(Shared(blocks, Chain("cd")), 0);
  EXPECT_EQ(Shared(blocks, Chain("ab")), 2);
}

TEST(KvBlocksDeathTest, ReturningTwiceIsABug) {
  KvBlocks blocks(2);
  const auto lease = blocks.Take(1, {})->blocks;
  blocks.Return(lease);
  EXPECT_DEATH(blocks.Return(lease), "");
}

// Random leases against a model that knows only what each block was last published as.
class KvBlocksPropertyTest : public testing::TestWithParam<int> {};

TEST_P(KvBlocksPropertyTest, NeverGivesOutABlockTwiceNorWrongContents) {
  constexpr int kBlocks = 24;
  KvBlocks blocks(kBlocks);
  std::mt19937 random(GetParam());
  const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
  struct Held {
    KvBlocks::Lease lease;
    std::vector<PrefixKey> keys;
    int64_t published;
  };
  std::vector<Held> leases;
  std::map<int32_t, int> holders;
  std::map<int32_t, PrefixKey> contents;  // of blocks as they were last written
  for (int step = 0; step < 4000; ++step) {
    const int what = below(3);
    if (what == 0) {
      std::string letters;
      for (int i = 1 + below(6); i > 0; --i) letters += static_cast<char>('a' + below(2));
      const auto keys = Chain(letters, below(4) == 0 ? "other" : "");
      const auto count = static_cast<int64_t>(keys.size()) + below(4);
      auto lease = blocks.Take(count, keys);
      if (!lease.has_value()) {
        EXPECT_GT(count, kBlocks - static_cast<int64_t>(holders.size()));
        continue;
      }
      ASSERT_EQ(static_cast<int64_t>(lease->blocks.size()), count);
      for (int64_t i = 0; i < count; ++i) {
        const int32_t block = lease->blocks[i];
        if (i < lease->shared) {
          ASSERT_EQ(contents.at(block), keys[i]);
        } else {
          ASSERT_EQ(holders.count(block), 0u) << "block " << block << " is in use";
          contents.erase(block);
        }
        ++holders[block];
      }
      const int64_t shared = lease->shared;
      leases.push_back({*std::move(lease), keys, shared});
    } else if (!leases.empty()) {
      const size_t pick = below(static_cast<int>(leases.size()));
      Held& held = leases[pick];
      if (what == 1 && held.published < static_cast<int64_t>(held.keys.size())) {
        const int32_t block = held.lease.blocks[held.published];
        contents[block] = held.keys[held.published];
        blocks.Publish(block, held.keys[held.published++]);
      } else {
        blocks.Return(held.lease.blocks);
        for (int32_t block : held.lease.blocks) {
          if (--holders[block] == 0) holders.erase(block);
        }
        leases.erase(leases.begin() + static_cast<int64_t>(pick));
      }
    }
    ASSERT_EQ(blocks.usage().held, static_cast<int64_t>(holders.size()));
    ASSERT_LE(blocks.usage().held + blocks.usage().cached, kBlocks);
  }
  for (const Held& held : leases) blocks.Return(held.lease.blocks);
  EXPECT_EQ(blocks.usage().held, 0);
  EXPECT_TRUE(blocks.Take(kBlocks, {}).has_value()) << "nothing has leaked";
}

INSTANTIATE_TEST_SUITE_P(Seeds, KvBlocksPropertyTest, testing::Range(1, 9));

}  // namespace
}  // namespace mrmllm
