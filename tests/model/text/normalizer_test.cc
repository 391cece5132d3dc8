// SPDX-License-Identifier: Apache-2.0
#include "model/text/normalizer.h"

#include <utility>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(NormalizerTest, WritesUnicodeForms) {
  EXPECT_EQ(MakeUnicodeNormalizer(UnicodeForm::kNfc)->Normalize("e\u0301\ufb01"), "\u00e9\ufb01");
  EXPECT_EQ(MakeUnicodeNormalizer(UnicodeForm::kNfd)->Normalize("\u00e9\ufb01"), "e\u0301\ufb01");
  EXPECT_EQ(MakeUnicodeNormalizer(UnicodeForm::kNfkc)->Normalize("e\u0301\ufb01"), "\u00e9fi");
  EXPECT_EQ(MakeUnicodeNormalizer(UnicodeForm::kNfkd)->Normalize("\u00e9\ufb01"), "e\u0301fi");
}

// U+1ABF came with Unicode 13 and would move behind U+0345, U+0316 has been there long.
TEST(NormalizerTest, LeavesYoungCharactersAlone) {
  const auto nfc = MakeUnicodeNormalizer(UnicodeForm::kNfc);
  EXPECT_EQ(nfc->Normalize("b\u0345\u1abf"), "b\u0345\u1abf");
  EXPECT_EQ(nfc->Normalize("b\u0345\u0316"), "b\u0316\u0345");
}

// ICU's insertion of each mark at its place would take minutes.
TEST(NormalizerTest, PutsALongRunOfMarksInOrder) {
  const int count = 100'000;
  std::string mixed = "b";
  std::string below;
  std::string above;
  for (int i = 0; i < count; ++i) {
    mixed += "\u0301\u0316";
    below += "\u0316";
    above += "\u0301";
  }
  EXPECT_EQ(MakeUnicodeNormalizer(UnicodeForm::kNfc)->Normalize(mixed), "b" + below + above);
}

TEST(NormalizerTest, PrependsToWhatIsNotEmpty) {
  EXPECT_EQ(MakePrependNormalizer("_")->Normalize("_a"), "__a");
  EXPECT_EQ(MakePrependNormalizer("_")->Normalize(""), "");
}

TEST(NormalizerTest, ReplacesTextsAndMatches) {
  EXPECT_EQ(MakeReplaceNormalizer(" ", "_")->Normalize("a  b"), "a__b");
  const auto runs = MakeReplaceNormalizer(UnicodeRegex::Create("\\s{2,}").value(), " ");
  EXPECT_EQ(runs->Normalize("a \n b c\t\t"), "a b c ");
}

TEST(NormalizerTest, GoesThroughASequenceInOrder) {
  std::vector<std::unique_ptr<const Normalizer>> stages;
  stages.push_back(MakePrependNormalizer(" "));
  stages.push_back(MakeReplaceNormalizer(" ", "_"));
  EXPECT_EQ(MakeSequenceNormalizer(std::move(stages))->Normalize("a b"), "_a_b");
}

}  // namespace
}  // namespace mrmllm
