// SPDX-License-Identifier: Apache-2.0
// The default bundle's tokenizer against Hugging Face's `tokenizers`:
// tests/golden/tokenizer/generate_tokenizer.py.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "model/text/detokenizer.h"
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"

namespace mrmllm {
namespace {

struct Fingerprint {
  uint32_t count = 0;
  uint64_t hash = 0;

  bool operator==(const Fingerprint&) const = default;
};

struct GoldenString {
  std::string bytes;
  Fingerprint plain;
  Fingerprint with_special_tokens;
};

Fingerprint FingerprintOf(const std::vector<int32_t>& ids) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const int32_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      hash = (hash ^ ((static_cast<uint32_t>(id) >> shift) & 0xFF)) * 0x100000001B3;
    }
  }
  return {static_cast<uint32_t>(ids.size()), hash};
}

class GoldenReader {
 public:
  explicit GoldenReader(const std::string& path) : file_(path, std::ios::binary) {}

  std::vector<GoldenString> Read() {
    std::vector<GoldenString> strings;
    if (Bytes(8) != "MRTOK001") return strings;
    strings.resize(Number<uint32_t>());
    for (GoldenString& string : strings) {
      string.bytes = Bytes(Number<uint32_t>());
      for (Fingerprint* fingerprint : {&string.plain, &string.with_special_tokens}) {
        fingerprint->count = Number<uint32_t>();
        fingerprint->hash = Number<uint64_t>();
      }
    }
    EXPECT_TRUE(file_.good()) << "the golden file is cut short";
    return strings;
  }

 private:
  std::string Bytes(size_t count) {
    std::string bytes(count, '\0');
    file_.read(bytes.data(), static_cast<std::streamsize>(count));
    return bytes;
  }
  template <typename Integer>
  Integer Number() {
    Integer value = 0;
    std::memcpy(&value, Bytes(sizeof(value)).data(), sizeof(value));
    return value;
  }

  std::ifstream file_;
};

class TokenizerParityTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* bundle = std::getenv("MRMLLM_BUNDLE");
    ASSERT_NE(bundle, nullptr) << "MRMLLM_BUNDLE must name the assembled bundle";
    auto tokenizer = Tokenizer::Load(std::string(bundle) + "/tokenizer.json");
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    tokenizer_ = *tokenizer;
    golden_ = GoldenReader(MRMLLM_SOURCE_DIR "/tests/golden/tokenizer/tokenizer_golden.bin").Read();
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
