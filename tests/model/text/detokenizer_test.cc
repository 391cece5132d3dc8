// SPDX-License-Identifier: Apache-2.0
#include "model/text/detokenizer.h"

#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"

namespace mrmllm {
namespace {

class DetokenizerTest : public testing::Test {
 protected:
  std::shared_ptr<const Tokenizer> tokenizer_ = MakeTokenizer(SmallTokenizerJson());
  IncrementalDetokenizer detokenizer_{tokenizer_};
};

TEST_F(DetokenizerTest, HoldsBackUntilACharacterIsComplete) {
  EXPECT_EQ(detokenizer_.Append(ByteId('\xE2')), "");
  EXPECT_EQ(detokenizer_.Append(ByteId('\x82')), "");
  EXPECT_EQ(detokenizer_.Append(ByteId('\xAC')), "\u20ac");
  EXPECT_EQ(detokenizer_.Flush(), "");
}

TEST_F(DetokenizerTest, ReplacesACharacterThatIsBrokenOff) {
  EXPECT_EQ(detokenizer_.Append(ByteId('\xE2')), "");
  EXPECT_EQ(detokenizer_.Append(ByteId('a')), "\uFFFDa");
}

TEST_F(DetokenizerTest, FlushReplacesWhatIsIncompleteAndStartsAnew) {
  EXPECT_EQ(detokenizer_.Append(ByteId('\xF0')), "");
  EXPECT_EQ(detokenizer_.Flush(), "\uFFFD");
  EXPECT_EQ(detokenizer_.Append(ByteId('a')), "a");
}

TEST_F(DetokenizerTest, SkipsSpecialTokensEvenInsideACharacter) {
  EXPECT_EQ(detokenizer_.Append(ByteId('\xC3')), "");
  EXPECT_EQ(detokenizer_.Append(kEndId), "");
  EXPECT_EQ(detokenizer_.Append(ByteId('\xA9')), "\u00e9");
}

TEST(CharacterDetokenizerTest, HoldsBackARunOfBytesAndStripsTheFirstSpace) {
  IncrementalDetokenizer detokenizer(MakeTokenizer(CharacterTokenizerJson({"\u2581", "a"})));
  EXPECT_EQ(detokenizer.Append(kFirstPieceId), "");
  EXPECT_EQ(detokenizer.Append(CharacterByteId('\xC3')), "");
  EXPECT_EQ(detokenizer.Append(kBeginId), "");
  EXPECT_EQ(detokenizer.Append(CharacterByteId('\xA9')), "");
  EXPECT_EQ(detokenizer.Append(kFirstPieceId), "\u00e9 ");
  EXPECT_EQ(detokenizer.Append(kFirstPieceId + 1), "a");
  EXPECT_EQ(detokenizer.Append(CharacterByteId('\n')), "");
  EXPECT_EQ(detokenizer.Flush(), "\n");
}

}  // namespace
}  // namespace mrmllm
