// SPDX-License-Identifier: Apache-2.0
// A small tokenizer of each family against Hugging Face's `tokenizers`:
// tests/golden/tokenizer/generate_tokenizer_families.py.
#include "gtest/gtest.h"
#include "model/text/detokenizer.h"
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"
#include "tests/model/text/golden_reader.h"

namespace mrmllm {
namespace {

constexpr char kGolden[] = MRMLLM_SOURCE_DIR "/tests/golden/tokenizer/";

struct FamilyString {
  std::string bytes;
  uint16_t plain;
  uint16_t with_special_tokens;
  uint16_t decoded;
};

struct Family {
  std::vector<FamilyString> strings;
  std::vector<uint16_t> made_up;  // of the decoded text of the made-up ids
};

// Empty if a golden file is not as it should be.
Family ReadFamily(const std::string& name) {
  static const std::vector<GoldenString>& base =
      *new auto(ReadGoldenStrings(std::string(kGolden) + "tokenizer_golden.bin"));
  std::vector<std::string> strings;
  for (const GoldenString& string : base) strings.push_back(string.bytes);
  GoldenReader reader(std::string(kGolden) + "families/" + name + ".bin");
  Family family;
  if (strings.empty() || reader.Bytes(8) != "MRTOK002") return family;
  const auto own_count = reader.Number<uint32_t>();
  for (uint32_t i = 0; i < own_count; ++i) {
    const auto size = reader.Number<uint32_t>();
    strings.push_back(reader.Bytes(size));
  }
  for (std::string& string : strings) {
    FamilyString& golden = family.strings.emplace_back();
    golden.bytes = std::move(string);
    golden.plain = reader.Number<uint16_t>();
    golden.with_special_tokens = reader.Number<uint16_t>();
    golden.decoded = reader.Number<uint16_t>();
  }
  family.made_up.resize(reader.Number<uint32_t>());
  for (uint16_t& hash : family.made_up) hash = reader.Number<uint16_t>();
  return reader.good() ? family : Family{};
}

// The rule of made_up_ids in the generator.
std::vector<int32_t> MadeUpIds(uint64_t number, int32_t vocabulary_size) {
  uint64_t state = number;
  std::vector<int32_t> ids(1 + number % 23);
  for (int32_t& id : ids) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const uint64_t below = (state >> 63) != 0 ? 300 : vocabulary_size;
    id = static_cast<int32_t>((state >> 33) % below);
  }
  return ids;
}

uint16_t HashOfIds(const std::vector<int32_t>& ids) {
  return static_cast<uint16_t>(FingerprintOf(ids).hash);
}

uint16_t HashOfTexts(const std::vector<std::string>& texts) {
  uint64_t hash = kFnvStart;
  for (const std::string& text : texts) hash = FnvHash(FnvHash(hash, text), std::string(1, '\0'));
  return static_cast<uint16_t>(hash);
}

class TokenizerFamiliesTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto tokenizer = Tokenizer::Load(std::string(kGolden) + "families/" + GetParam() + ".json");
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    tokenizer_ = *tokenizer;
    golden_ = ReadFamily(GetParam());
    ASSERT_GE(golden_.strings.size(), 20'000u);
    ASSERT_GE(golden_.made_up.size(), 1'000u);
  }

  std::string Stream(const std::vector<int32_t>& ids) {
    IncrementalDetokenizer detokenizer(tokenizer_);
    std::string streamed;
    for (const int32_t id : ids) {
      const std::string text = detokenizer.Append(id);
      EXPECT_EQ(ReplaceInvalidUtf8(text), text);
      streamed += text;
    }
    return streamed + detokenizer.Flush();
  }

  std::shared_ptr<const Tokenizer> tokenizer_;
  Family golden_;
};

TEST_P(TokenizerFamiliesTest, IdsAndTextAreThoseOfHuggingFaceAndPlainTextIsNeverSpecial) {
  int differences = 0;
  for (const FamilyString& golden : golden_.strings) {
    const std::vector<int32_t> plain = tokenizer_->Encode(golden.bytes);
    const std::vector<int32_t> trusted = tokenizer_->EncodeWithSpecialTokens(golden.bytes);
    for (const int32_t id : plain) ASSERT_FALSE(tokenizer_->IsSpecial(id)) << golden.bytes;
    const bool same =
        HashOfIds(plain) == golden.plain && HashOfIds(trusted) == golden.with_special_tokens &&
        HashOfTexts({Stream(plain), Stream(trusted),
                     tokenizer_->Decode(trusted, /*skip_special_tokens=*/false)}) == golden.decoded;
    if (same || ++differences > 5) continue;
    ADD_FAILURE() << testing::PrintToString(golden.bytes) << ": got "
                  << testing::PrintToString(plain) << " and, with special tokens, "
                  << testing::PrintToString(trusted);
  }
  EXPECT_EQ(differences, 0);
}

TEST_P(TokenizerFamiliesTest, AnyIdsDecodeAndStreamAsWithHuggingFace) {
  for (size_t i = 0; i < golden_.made_up.size(); ++i) {
    const std::vector<int32_t> ids = MadeUpIds(i, tokenizer_->vocabulary_size());
    const std::string text = tokenizer_->Decode(ids);
    ASSERT_EQ(Stream(ids), text);
    ASSERT_EQ(HashOfTexts({text, tokenizer_->Decode(ids, /*skip_special_tokens=*/false)}),
              golden_.made_up[i])
        << "list " << i << " " << testing::PrintToString(ids);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, TokenizerFamiliesTest,
                         testing::Values("llama2", "llama2_odd", "mistral", "metaspace_odd",
                                         "llama3", "qwen2", "byte_level_odd"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace mrmllm
