// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/prefix_key.h"

#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

std::vector<int32_t> Tokens(int count) {
  std::vector<int32_t> tokens(count);
  std::iota(tokens.begin(), tokens.end(), 100);
  return tokens;
}

TEST(PrefixKeyTest, OnlyWholeBlocksHaveAKey) {
  const PrefixKey root = RootPrefixKey({"a"});
  EXPECT_EQ(PrefixKeys(root, Tokens(3), 4).size(), 0u);
  EXPECT_EQ(PrefixKeys(root, Tokens(4), 4).size(), 1u);
  EXPECT_EQ(PrefixKeys(root, Tokens(11), 4).size(), 2u);
}

TEST(PrefixKeyTest, PromptsShareTheKeysOfTheirCommonBlocksOnly) {
  const PrefixKey root = RootPrefixKey({"a"});
  std::vector<int32_t> tokens = Tokens(12);
  const std::vector<PrefixKey> keys = PrefixKeys(root, tokens, 4);
  tokens[5] = 0;
  const std::vector<PrefixKey> others = PrefixKeys(root, tokens, 4);
  EXPECT_EQ(keys[0], others[0]);
  EXPECT_NE(keys[1], others[1]);
  EXPECT_NE(keys[2], others[2]) << "the third block's tokens are equal, what stands before is not";
}

TEST(PrefixKeyTest, ABlockMovedToAnotherPlaceHasAnotherKey) {
  const PrefixKey root = RootPrefixKey({"a"});
  const std::vector<PrefixKey> keys = PrefixKeys(root, std::vector<int32_t>(8, 7), 4);
  EXPECT_NE(keys[0], keys[1]);
}

TEST(PrefixKeyTest, AnotherIdentityHasNoKeyInCommon) {
  const auto mine = PrefixKeys(RootPrefixKey({"tenant a", "bundle"}), Tokens(8), 4);
  const auto theirs = PrefixKeys(RootPrefixKey({"tenant b", "bundle"}), Tokens(8), 4);
  EXPECT_NE(mine[0], theirs[0]);
  EXPECT_NE(mine[1], theirs[1]);
}

TEST(PrefixKeyTest, WhereAnIdentitysPartsEndCounts) {
  EXPECT_NE(RootPrefixKey({"ab", "c"}), RootPrefixKey({"a", "bc"}));
  EXPECT_NE(RootPrefixKey({"ab"}), RootPrefixKey({"ab", ""}));
}

}  // namespace
}  // namespace mrmllm
