// SPDX-License-Identifier: Apache-2.0
// Seeded random texts against properties that hold for every text.
#include <random>

#include "gtest/gtest.h"
#include "model/text/detokenizer.h"
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"
#include "tests/model/text/small_tokenizer.h"

namespace mrmllm {
namespace {

class TokenizerPropertyTest : public testing::Test {
 protected:
  int Draw(int below) { return static_cast<int>(random_() % below); }

  std::string ValidText() {
    std::string text;
    for (int i = Draw(40); i > 0; --i) {
      switch (Draw(5)) {
        case 0:
          text += std::vector<std::string>{"<|im_start|>", "<|im_end|>", "<|im", "|>"}[Draw(4)];
          break;
        case 1:
          AppendUtf8(Draw(0xD800), text);
          break;
        case 2:
          AppendUtf8(0xE000 + Draw(0x110000 - 0xE000), text);
          break;
        default:
          text += "ab 1\n'st"[Draw(8)];
      }
    }
    return text;
  }

  std::vector<int32_t> AnyIds() {
    std::vector<int32_t> ids(Draw(60));
    for (int32_t& id : ids) id = Draw(tokenizer_->vocabulary_size() + 2) - 1;
    return ids;
  }

  static std::shared_ptr<const Tokenizer> Make() {
    nlohmann::json file = SmallTokenizerJson({{"a", "b"},
                                              {"\xE2", "\x82"},
                                              {"<", "|"},
                                              {"|", ">"},
                                              {"i", "m"},
                                              {" ", "ab"},
                                              {"ab", "ab"}});
    file["pre_tokenizer"] = {{"type", "Sequence"},
                             {"pretokenizers",
                              {{{"type", "Digits"}, {"individual_digits", true}},
                               {{"type", "ByteLevel"}, {"add_prefix_space", false}}}}};
    return MakeTokenizer(file);
  }

  std::mt19937 random_{42};
  std::shared_ptr<const Tokenizer> tokenizer_ = Make();
};

TEST_F(TokenizerPropertyTest, DecodingGivesBackWhatWasEncoded) {
  for (int round = 0; round < 5000; ++round) {
    const std::string text = ValidText();
    ASSERT_EQ(tokenizer_->Decode(tokenizer_->Encode(text)), text);
    ASSERT_EQ(tokenizer_->Decode(tokenizer_->EncodeWithSpecialTokens(text), false), text);
  }
}

TEST_F(TokenizerPropertyTest, PlainTextGivesNoSpecialTokens) {
  for (int round = 0; round < 5000; ++round) {
    for (const int32_t id : tokenizer_->Encode(ValidText())) {
      ASSERT_FALSE(tokenizer_->IsSpecial(id));
    }
  }
}

TEST_F(TokenizerPropertyTest, DetokenizerEmitsOnlyUtf8AndAgreesWithDecode) {
  for (int round = 0; round < 5000; ++round) {
    const std::vector<int32_t> ids = AnyIds();
    IncrementalDetokenizer detokenizer(tokenizer_);
    std::string all;
    for (const int32_t id : ids) {
      const std::string text = detokenizer.Append(id);
      ASSERT_EQ(ReplaceInvalidUtf8(text), text);
      all += text;
    }
    all += detokenizer.Flush();
    ASSERT_EQ(all, tokenizer_->Decode(ids));
  }
}

TEST_F(TokenizerPropertyTest, AnyBytesAreEncodedAsTheirRepairedText) {
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(Draw(30), '\0');
    for (char& byte : bytes) byte = static_cast<char>(Draw(256));
    ASSERT_EQ(tokenizer_->Decode(tokenizer_->Encode(bytes)), ReplaceInvalidUtf8(bytes));
  }
}

}  // namespace
}  // namespace mrmllm
