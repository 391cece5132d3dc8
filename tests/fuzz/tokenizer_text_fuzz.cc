// SPDX-License-Identifier: Apache-2.0
// Any text through a tokenizer and back, at once and token by token.
#include <nlohmann/json.hpp>

#include "model/text/detokenizer.h"
#include "model/text/replace_text.h"
#include "model/text/stop_strings.h"
#include "model/text/tokenizer.h"
#include "model/text/utf8.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/model/text/small_tokenizer.h"

namespace mrmllm {
namespace {

nlohmann::json Merging() {
  return SmallTokenizerJson({{"a", "b"}, {"ab", "ab"}, {" ", "ab"}, {"\xE2", "\x82"}, {"<", "|"}});
}

std::shared_ptr<const Tokenizer> MakeWithDigits() {
  nlohmann::json json = Merging();
  json["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers",
                            {{{"type", "Digits"}, {"individual_digits", true}},
                             {{"type", "ByteLevel"}, {"add_prefix_space", false}}}}};
  return MakeTokenizer(json);
}

std::shared_ptr<const Tokenizer> MakeWithSplit() {
  nlohmann::json json = Merging();
  json["pre_tokenizer"] = {
      {"type", "Sequence"},
      {"pretokenizers",
       {{{"type", "Split"},
         {"pattern", {{"Regex", "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"}}},
         {"behavior", "Isolated"},
         {"invert", false}},
        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
  return MakeTokenizer(json);
}

// Vocabularies of characters, with the space in front put there by either stage.
std::shared_ptr<const Tokenizer> MakeOfCharacters(bool metaspace) {
  nlohmann::json json = CharacterTokenizerJson(
      {"\u2581", "a", "b", "<", "s", ">", "ab", "\u2581ab", "abab", "\u2581\u2581"},
      {{"a", "b"}, {"\u2581", "ab"}, {"ab", "ab"}, {"\u2581", "\u2581"}});
  if (metaspace) {
    json["normalizer"] = {{"type", "NFC"}};
    json["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "first"}};
  }
  return MakeTokenizer(json);
}

// What comes out token by token is what comes out at once, and is cut where stop strings say.
void Stream(const std::shared_ptr<const Tokenizer>& tokenizer, const std::vector<int32_t>& ids,
            const std::string& whole) {
  IncrementalDetokenizer detokenizer(tokenizer);
  StopStrings stop({"ab\n", "\xE2\x82\xAC"});
  std::string streamed;
  std::string kept;
  const auto take = [&](const std::string& text) {
    FuzzCheck(ReplaceInvalidUtf8(text) == text, "every delta is valid UTF-8");
    streamed += text;
    kept += stop.Append(text).text;
  };
  for (const int32_t id : ids) take(detokenizer.Append(id));
  take(detokenizer.Flush());
  kept += stop.Flush();
  FuzzCheck(streamed == whole, "deltas add up to the text");
  FuzzCheck(whole.substr(0, kept.size()) == kept, "what is kept begins the text");
  FuzzCheck(kept.find("ab\n") == kept.npos && kept.find("\xE2\x82\xAC") == kept.npos,
            "stop strings stay inside");
}

void RoundTrip(const std::shared_ptr<const Tokenizer>& tokenizer, std::string_view text) {
  const std::string valid = ReplaceInvalidUtf8(text);
  const std::vector<int32_t> ids = tokenizer->Encode(text);
  for (const int32_t id : ids) FuzzCheck(!tokenizer->IsSpecial(id), "plain text stays plain");
  FuzzCheck(tokenizer->Decode(ids) == valid, "decode(encode(text)) = text");
  Stream(tokenizer, ids, valid);
  const std::vector<int32_t> trusted = tokenizer->EncodeWithSpecialTokens(text);
  FuzzCheck(tokenizer->Decode(trusted, /*skip_special_tokens=*/false) == valid,
            "special tokens spell themselves");
}

// The text does not come back where it begins with a space that Metaspace adds no other to, or
// where normalization changes it; what is streamed is what is decoded at once.
void RoundTripOfCharacters(const std::shared_ptr<const Tokenizer>& tokenizer, bool is_exact,
                           std::string_view text) {
  const std::vector<int32_t> ids = tokenizer->Encode(text);
  for (const int32_t id : ids) FuzzCheck(!tokenizer->IsSpecial(id), "plain text stays plain");
  const std::string decoded = tokenizer->Decode(ids);
  Stream(tokenizer, ids, decoded);
  const std::string spaced = ReplaceText(ReplaceInvalidUtf8(text), "\u2581", " ");
  FuzzCheck(!is_exact || decoded == spaced, "decode(encode(text)) = text");
  const std::vector<int32_t> trusted = tokenizer->EncodeWithSpecialTokens(text);
  Stream(tokenizer, trusted, tokenizer->Decode(trusted));
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& tokenizers = *new std::vector<std::shared_ptr<const mrmllm::Tokenizer>>{
      mrmllm::MakeTokenizer(mrmllm::Merging()), mrmllm::MakeWithDigits(), mrmllm::MakeWithSplit()};
  static const auto& of_characters = *new std::vector<std::shared_ptr<const mrmllm::Tokenizer>>{
      mrmllm::MakeOfCharacters(/*metaspace=*/false), mrmllm::MakeOfCharacters(/*metaspace=*/true)};
  if (size == 0) return 0;
  const std::string_view text = mrmllm::FuzzText(data + 1, size - 1);
  mrmllm::RoundTrip(tokenizers[data[0] % tokenizers.size()], text);
  for (const auto& tokenizer : of_characters) {
    mrmllm::RoundTripOfCharacters(tokenizer, tokenizer == of_characters[0], text);
  }
  return 0;
}
