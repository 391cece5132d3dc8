// SPDX-License-Identifier: Apache-2.0
// The default bundle's tokenizer against Hugging Face's `tokenizers`:
// tests/golden/tokenizer/generate_tokenizer.py.
#include <cstdlib>

#include "gtest/gtest.h"
#include "model/text/detokenizer.h"
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"
#include "tests/model/text/golden_reader.h"

namespace mrmllm {
namespace {

class TokenizerParityTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* bundle = std::getenv("MRMLLM_BUNDLE");
    ASSERT_NE(bundle, nullptr) << "MRMLLM_BUNDLE must name the assembled bundle";
    auto tokenizer = Tokenizer::Load(std::string(bundle) + "/tokenizer.json");
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    tokenizer_ = *tokenizer;
    golden_ = ReadGoldenStrings(MRMLLM_SOURCE_DIR "/tests/golden/tokenizer/tokenizer_golden.bin");
    ASSERT_GE(golden_.size(), 20'000u);
  }

  // Counts the strings whose ids differ and shows the first few.
  template <typename Encode>
  int CountDifferences(Fingerprint GoldenString::*expected, Encode encode) {
    int differences = 0;
    for (size_t i = 0; i < golden_.size(); ++i) {
      const std::vector<int32_t> ids = encode(golden_[i].bytes);
      if (FingerprintOf(ids) == golden_[i].*expected) continue;
      if (++differences <= 5) {
        ADD_FAILURE() << "string " << i << " " << testing::PrintToString(golden_[i].bytes)
                      << ": got " << testing::PrintToString(ids) << ", expected "
                      << (golden_[i].*expected).count << " other ids";
      }
    }
    return differences;
  }

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<GoldenString> golden_;
};

TEST_F(TokenizerParityTest, PlainTextGivesTheIdsOfHuggingFace) {
  EXPECT_EQ(CountDifferences(&GoldenString::plain,
                             [&](const std::string& text) { return tokenizer_->Encode(text); }),
            0);
}

TEST_F(TokenizerParityTest, TrustedTextGivesTheIdsOfHuggingFace) {
  EXPECT_EQ(CountDifferences(
                &GoldenString::with_special_tokens,
                [&](const std::string& text) { return tokenizer_->EncodeWithSpecialTokens(text); }),
            0);
}

TEST_F(TokenizerParityTest, NoStringGivesASpecialTokenAsPlainText) {
  for (const GoldenString& string : golden_) {
    for (const int32_t id : tokenizer_->Encode(string.bytes)) {
      ASSERT_FALSE(tokenizer_->IsSpecial(id)) << testing::PrintToString(string.bytes);
    }
  }
}

TEST_F(TokenizerParityTest, StreamedTextEqualsDecodedText) {
  for (const GoldenString& string : golden_) {
    const std::vector<int32_t> ids = tokenizer_->Encode(string.bytes);
    IncrementalDetokenizer detokenizer(tokenizer_);
    std::string streamed;
    for (const int32_t id : ids) {
      const std::string text = detokenizer.Append(id);
      ASSERT_EQ(ReplaceInvalidUtf8(text), text);
      streamed += text;
    }
    streamed += detokenizer.Flush();
    ASSERT_EQ(streamed, tokenizer_->Decode(ids));
  }
}

}  // namespace
}  // namespace mrmllm
