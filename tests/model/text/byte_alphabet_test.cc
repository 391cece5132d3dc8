// SPDX-License-Identifier: Apache-2.0
#include "model/text/byte_alphabet.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(ByteAlphabetTest, SpellsPrintableBytesAsThemselvesAndSpaceAsG) {
  EXPECT_EQ(SpellingFromBytes("a b\n"), "a\u0120b\u010A");
}

TEST(ByteAlphabetTest, ReadsBackEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(BytesFromSpelling(SpellingFromBytes(all)), all);
}

TEST(ByteAlphabetTest, RefusesCharactersOutsideTheAlphabet) {
  EXPECT_EQ(BytesFromSpelling("a b"), std::nullopt);
  EXPECT_EQ(BytesFromSpelling("\u4e2d"), std::nullopt);
  EXPECT_EQ(BytesFromSpelling("\u0144"), std::nullopt);
}

}  // namespace
}  // namespace mrmllm
