// SPDX-License-Identifier: Apache-2.0
// The text of a tokenizer.json: what is accepted encodes and decodes any text.
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

// Letters, digits, spaces, a contraction, characters of two to four bytes, bytes that are no UTF-8.
constexpr char kText[] = "It's 12  cats\n\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x88 e\xCC\x81 \xFF<a>";

void CheckIds(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  for (const int32_t id : ids) {
    FuzzCheck(id >= 0 && id < tokenizer.vocabulary_size(), "ids are in the vocabulary");
  }
  const std::string text = tokenizer.Decode(ids);
  FuzzCheck(ReplaceInvalidUtf8(text) == text, "decoded text is valid UTF-8");
}

void ParseAnything(std::string_view json) {
  const auto tokenizer = Tokenizer::Parse(json, "fuzzed.json");
  if (!tokenizer.ok()) {
    FuzzCheck(!tokenizer.status().message().empty(), "a refusal gives its reason");
    return;
  }
  const std::vector<int32_t> plain = (*tokenizer)->Encode(kText);
  for (const int32_t id : plain) {
    FuzzCheck(!(*tokenizer)->IsSpecial(id), "plain text makes no special token");
  }
  CheckIds(**tokenizer, plain);
  CheckIds(**tokenizer, (*tokenizer)->EncodeWithSpecialTokens(kText));
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::ParseAnything(mrmllm::FuzzText(data, size));
  return 0;
}
