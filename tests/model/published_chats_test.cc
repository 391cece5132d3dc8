// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/config.h"
#include "model/text/chat_template.h"
#include "tests/model/text/small_tokenizer.h"

namespace mrmllm {
namespace {

using nlohmann::json;

json ReadJson(const std::string& path) {
  std::ifstream file(MRMLLM_SOURCE_DIR + path);
  return json::parse(file);
}

// The small tokenizer with these special tokens besides its own.
std::shared_ptr<const Tokenizer> TokenizerWith(const json& special) {
  json file = SmallTokenizerJson();
  json& vocab = file["model"]["vocab"];
  for (const json& token : special) {
    if (vocab.contains(token)) continue;
    const size_t id = vocab.size();
    vocab[token.get<std::string>()] = id;
    file["added_tokens"].push_back(
        {{"id", id}, {"content", token}, {"special", true}, {"normalized", false}});
  }
  return MakeTokenizer(file);
}

std::vector<Turn> TurnsOf(const json& chat) {
  static const auto& roles =
      *new std::map<std::string, Turn::Role>{{"system", Turn::Role::kSystem},
                                             {"user", Turn::Role::kUser},
                                             {"assistant", Turn::Role::kAssistant}};
  std::vector<Turn> turns;
  for (const json& turn : chat["turns"]) turns.push_back({roles.at(turn[0]), turn[1]});
  return turns;
}

// The ids' own bytes: a special token is written as it is called.
std::string Spelled(const std::vector<int32_t>& ids, const Tokenizer& tokenizer) {
  return tokenizer.Decode(ids, /*skip_special_tokens=*/false);
}

TEST(PublishedChatsTest, AreWrittenAsTransformersWritesThem) {
  const json golden = ReadJson("/tests/golden/data/chat_templates.json");
  json config = ReadJson("/model/bundles/coco-135m/config.json");
  size_t compared = 0;
  for (const auto& [name, entry] : golden["templates"].items()) {
    const auto tokenizer = TokenizerWith(entry["special"]);
    config["prompt"]["chat_template"] = entry["form"];
    const auto parsed = ModelConfig::Parse(config.dump());
    ASSERT_TRUE(parsed.ok()) << name << ": " << parsed.status();
    const auto chat = ChatTemplate::Create(parsed->prompt.chat_template, tokenizer);
    ASSERT_TRUE(chat.ok()) << name << ": " << chat.status();
    for (const json& expected : entry["chats"]) {
      const std::vector<int32_t> ids = chat->Render(TurnsOf(expected), true);
      EXPECT_EQ(Spelled(ids, *tokenizer), expected["text"].get<std::string>())
          << name << " " << expected["turns"];
      ++compared;
    }
  }
  EXPECT_GE(compared, 100u);
}

}  // namespace
}  // namespace mrmllm
