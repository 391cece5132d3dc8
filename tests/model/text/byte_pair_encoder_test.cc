// SPDX-License-Identifier: Apache-2.0
#include "model/text/byte_pair_encoder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

// Every byte is its own token; the merges are given.
BytePairEncoder MakeEncoder(const std::vector<BytePairEncoder::Merge>& merges,
                            absl::flat_hash_map<std::string, int32_t> whole_words = {}) {
  BytePairEncoder::BaseTokens base;
  for (int byte = 0; byte < 256; ++byte) base.of_byte[byte] = byte;
  return BytePairEncoder(base, merges, std::move(whole_words));
}

std::vector<int32_t> Encode(const BytePairEncoder& encoder, std::string_view word) {
  std::vector<int32_t> ids;
  encoder.Encode(word, ids);
  return ids;
}

TEST(BytePairEncoderTest, MergesTheBestRankFirst) {
  const BytePairEncoder encoder = MakeEncoder({{'b', 'c', 300}, {'a', 'b', 301}});
  EXPECT_THAT(Encode(encoder, "abc"), ElementsAre('a', 300));
  EXPECT_THAT(Encode(encoder, "abb"), ElementsAre(301, 'b'));
}

TEST(BytePairEncoderTest, MergesTheLeftmostOfEqualPairs) {
  const BytePairEncoder encoder = MakeEncoder({{'a', 'a', 300}});
  EXPECT_THAT(Encode(encoder, "aaa"), ElementsAre(300, 'a'));
}

TEST(BytePairEncoderTest, MergesWhatMergesMade) {
  const BytePairEncoder encoder = MakeEncoder({{'a', 'b', 300}, {300, 300, 301}});
  EXPECT_THAT(Encode(encoder, "ababab"), ElementsAre(301, 300));
}

TEST(BytePairEncoderTest, TakesWholeWordsWithoutMerging) {
  const BytePairEncoder encoder = MakeEncoder({}, {{"cat", 400}});
  EXPECT_THAT(Encode(encoder, "cat"), ElementsAre(400));
  EXPECT_THAT(Encode(encoder, "ca"), ElementsAre('c', 'a'));
}

TEST(BytePairEncoderTest, LeavesOutBytesWithoutAToken) {
  BytePairEncoder::BaseTokens base;
  base.of_byte.fill(BytePairEncoder::kNoToken);
  base.of_byte['a'] = 1;
  const BytePairEncoder encoder(base, {{1, 1, 2}}, {});
  EXPECT_THAT(Encode(encoder, "a?a"), ElementsAre(2));
  EXPECT_TRUE(Encode(encoder, "??").empty());
}

TEST(BytePairEncoderTest, CutsIntoCharactersAndFallsBackToBytes) {
  BytePairEncoder::BaseTokens base;
  for (int byte = 0; byte < 256; ++byte) base.of_byte[byte] = 1000 + byte;
  base.of_character = {{U'\u00e9', 1}, {U'a', 2}};
  const BytePairEncoder encoder(base, {{1, 2, 3}, {1000 + 'b', 2, 4}}, {});
  EXPECT_THAT(Encode(encoder, "a\u00e9a"), ElementsAre(2, 3));
  EXPECT_THAT(Encode(encoder, "ba\u00f1"), ElementsAre(4, 1000 + 0xC3, 1000 + 0xB1));
}

TEST(BytePairEncoderTest, LeavesOutACharacterOfWhichSomeByteHasNoToken) {
  BytePairEncoder::BaseTokens base;
  base.of_byte.fill(BytePairEncoder::kNoToken);
  base.of_byte[0xC3] = 7;
  base.of_character = {{U'a', 2}};
  EXPECT_THAT(Encode(BytePairEncoder(base, {}, {}), "a\u00e9a"), ElementsAre(2, 2));
}

// A quadratic encoder needs 10^12 steps here and would run into the test's time limit.
TEST(BytePairEncoderTest, EncodesAMillionEqualLetters) {
  const BytePairEncoder encoder = MakeEncoder({{'a', 'a', 300}, {300, 300, 301}});
  EXPECT_EQ(Encode(encoder, std::string(1'000'000, 'a')), std::vector<int32_t>(250'000, 301));
}

}  // namespace
}  // namespace mrmllm
