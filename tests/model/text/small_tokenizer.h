// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TEXT_SMALL_TOKENIZER_H_
#define MRMLLM_TESTS_MODEL_TEXT_SMALL_TOKENIZER_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/text/byte_alphabet.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// A hand-made tokenizer.json with a complete byte vocabulary: ids 0 and 1 are the special tokens
// <|im_start|> and <|im_end|>, byte b is 2 + b, and the merges follow from 258 on.
inline constexpr int32_t kStartId = 0;
inline constexpr int32_t kEndId = 1;
inline constexpr int32_t kFirstMergeId = 258;

inline constexpr int32_t ByteId(char byte) { return 2 + static_cast<unsigned char>(byte); }

// `merges` are pairs of byte strings: {{"h", "e"}, {"he", "y"}}.
inline nlohmann::json SmallTokenizerJson(
    const std::vector<std::pair<std::string, std::string>>& merges = {}) {
  nlohmann::json vocab = {{"<|im_start|>", kStartId}, {"<|im_end|>", kEndId}};
  for (int byte = 0; byte < 256; ++byte) {
    vocab[SpellingFromBytes(std::string(1, static_cast<char>(byte)))] = 2 + byte;
  }
  nlohmann::json merge_list = nlohmann::json::array();
  int32_t next_id = kFirstMergeId;
  for (const auto& [left, right] : merges) {
    vocab[SpellingFromBytes(left + right)] = next_id++;
    merge_list.push_back(SpellingFromBytes(left) + " " + SpellingFromBytes(right));
  }
  nlohmann::json added = nlohmann::json::array();
  for (const char* content : {"<|im_start|>", "<|im_end|>"}) {
    added.push_back(
        {{"id", vocab[content]}, {"content", content}, {"special", true}, {"normalized", false}});
  }
  return {{"version", "1.0"},
          {"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merge_list}}}};
}

// A hand-made tokenizer.json as SentencePiece's vocabularies become one: ids 0 to 2 are <unk>, <s>
// and </s>, byte b is 3 + b, and `pieces` follow; `merges` are of pieces.
inline constexpr int32_t kBeginId = 1;
inline constexpr int32_t kFirstPieceId = 259;

inline constexpr int32_t CharacterByteId(char byte) { return 3 + static_cast<unsigned char>(byte); }

inline nlohmann::json CharacterTokenizerJson(
    const std::vector<std::string>& pieces,
    const std::vector<std::pair<std::string, std::string>>& merges = {}) {
  nlohmann::json vocab;
  nlohmann::json added = nlohmann::json::array();
  for (const char* content : {"<unk>", "<s>", "</s>"}) {
    const size_t id = added.size();
    vocab[content] = id;
    added.push_back({{"id", id}, {"content", content}, {"special", true}, {"normalized", false}});
  }
  for (int byte = 0; byte < 256; ++byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    vocab[std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">"] = 3 + byte;
  }
  for (const std::string& piece : pieces) vocab[piece] = vocab.size();
  nlohmann::json merge_list = nlohmann::json::array();
  for (const auto& [left, right] : merges) merge_list.push_back({left, right});
  const nlohmann::json space = {{"String", " "}};
  const nlohmann::json mark = {{"String", "\u2581"}};
  return {{"version", "1.0"},
          {"added_tokens", added},
          {"normalizer",
           {{"type", "Sequence"},
            {"normalizers",
             {{{"type", "Prepend"}, {"prepend", "\u2581"}},
              {{"type", "Replace"}, {"pattern", space}, {"content", "\u2581"}}}}}},
          {"pre_tokenizer", nullptr},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders",
             {{{"type", "Replace"}, {"pattern", mark}, {"content", " "}},
              {{"type", "ByteFallback"}},
              {{"type", "Fuse"}},
              {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
          {"model",
           {{"type", "BPE"},
            {"byte_fallback", true},
            {"fuse_unk", true},
            {"unk_token", "<unk>"},
            {"vocab", vocab},
            {"merges", merge_list}}}};
}

inline std::shared_ptr<const Tokenizer> MakeTokenizer(const nlohmann::json& json) {
  return Tokenizer::Parse(json.dump(), "test").value();
}

// The ids of bytes that nothing merges.
inline std::vector<int32_t> ByteIds(std::string_view bytes) {
  std::vector<int32_t> ids;
  for (const char byte : bytes) ids.push_back(ByteId(byte));
  return ids;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TEXT_SMALL_TOKENIZER_H_
