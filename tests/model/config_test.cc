// SPDX-License-Identifier: Apache-2.0
#include "model/config.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json DefaultConfig() {
  std::ifstream file(MRMLLM_SOURCE_DIR "/model/bundles/coco-135m/config.json");
  return json::parse(file);
}

TEST(ModelConfigTest, ReadsTheDefaultBundle) {
  auto config = ModelConfig::Parse(DefaultConfig().dump());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->name, "coco-135m");
  EXPECT_EQ(config->detector.labels.size(), 80u);
  EXPECT_EQ(config->detector.resize, ImageSpec::Resize::kLetterbox);
  EXPECT_EQ(config->vision_encoder.labels.size(), 1000u);
  EXPECT_EQ(config->language_model.head_dim, 64);
  EXPECT_EQ(config->language_model.weight_format, "int4");
  EXPECT_FALSE(config->fusion.integration_layers.empty());
  EXPECT_EQ(config->prompt.chat_template.user.prefix, "<|im_start|>user\n");
}

struct BadConfig {
  const char* pointer;  // JSON pointer of what is changed
  json value;           // null: removed
  const char* message;
};

json Llama3Scaling(double low, double high, int original) {
  return {{"rope_type", "llama3"},
          {"factor", 8},
          {"low_freq_factor", low},
          {"high_freq_factor", high},
          {"original_max_position_embeddings", original}};
}

class BadModelConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadModelConfigTest, IsRefusedByName) {
  json config = DefaultConfig();
  const json::json_pointer pointer(GetParam().pointer);
  if (GetParam().value.is_null()) {
    config.at(pointer.parent_pointer()).erase(pointer.back());
  } else {
    config[pointer] = GetParam().value;
  }
  auto parsed = ModelConfig::Parse(config.dump());
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadModelConfigTest,
    testing::Values(
        BadConfig{"/detector", nullptr, "detector: expected an object, got nothing"},
        BadConfig{"/detector/input_size", 417,
                  "detector.input_size: expected a multiple of the stride 8"},
        BadConfig{"/detector/input_size", "416",
                  "detector.input_size: expected a whole number in [32, 4096], got \"416\""},
        BadConfig{"/detector/mean", json::array({1, 2}),
                  "detector.mean: expected an array of 3 numbers"},
        BadConfig{"/detector/sure_threshold", 0.1,
                  "detector.sure_threshold: expected a number in [0.2"},
        BadConfig{"/detector/labels/1", "person",
                  "detector.labels: expected at least one label, none empty or twice"},
        BadConfig{"/detector/colour", 1, "detector.colour: expected no such key"},
        BadConfig{"/vision_encoder/finer_names/unicorn", json::array({1}),
                  "finer_names.unicorn: expected a label of the detector"},
        BadConfig{"/vision_encoder/finer_names/dog", json::array({1000}),
                  "finer_names.dog: expected an array of whole numbers in [0, 999]"},
        BadConfig{"/language_model/num_key_value_heads", 2,
                  "language_model.num_key_value_heads: expected a divisor"},
        BadConfig{"/language_model/family", "mamba",
                  "language_model.family: expected one of llama"},
        BadConfig{"/language_model/family", "qwen2",
                  "language_model.attention_bias: expected true or false, got nothing"},
        BadConfig{"/language_model/attention_bias", true,
                  "language_model.attention_bias: expected false for the family llama, got true"},
        BadConfig{"/language_model/rope_scaling", json{{"rope_type", "yarn"}, {"factor", 4}},
                  "language_model.rope_scaling.rope_type: expected one of linear, llama3, got"},
        BadConfig{"/language_model/rope_scaling", json{{"rope_type", "linear"}, {"factor", 0.5}},
                  "language_model.rope_scaling.factor: expected a number in [1, 1e+06], got 0.5"},
        BadConfig{"/language_model/rope_scaling",
                  json{{"rope_type", "linear"}, {"factor", 2}, {"low_freq_factor", 1}},
                  "language_model.rope_scaling.low_freq_factor: expected no such key"},
        BadConfig{"/language_model/rope_scaling", json{{"rope_type", "llama3"}, {"factor", 8}},
                  "language_model.rope_scaling.low_freq_factor: expected a number"},
        BadConfig{"/language_model/rope_scaling", Llama3Scaling(4, 4, 2048),
                  "rope_scaling.high_freq_factor: expected more than low_freq_factor 4, got 4"},
        BadConfig{"/language_model/rope_scaling", Llama3Scaling(1, 4, 1 << 20),
                  "rope_scaling.original_max_position_embeddings: expected a whole number in [1, "},
        BadConfig{"/language_model/weight_format", "int2",
                  "language_model.weight_format: expected one of"},
        BadConfig{"/language_model/vocab_size", 1e300, "language_model.vocab_size"},
        BadConfig{"/fusion/integration_layers", json::array({5, 5}),
                  "fusion.integration_layers: expected ascending"},
        BadConfig{"/fusion/integration_layers", json::array({30}), "fusion.integration_layers"},
        BadConfig{"/fusion/num_heads", 7, "fusion.num_heads: expected a divisor of width"},
        BadConfig{"/prompt/chat_template/user/suffix", nullptr, "prompt.chat_template.user.suffix"},
        BadConfig{"/prompt/chat_template/without_system", 1,
                  "prompt.chat_template.without_system: expected"},
        BadConfig{"/prompt/chat_template/trim", true, "prompt.chat_template.trim: expected"},
        BadConfig{"/prompt/chat_template/trim", json::array({"tool"}),
                  "prompt.chat_template.trim: expected system, user or assistant"},
        BadConfig{"/prompt/chat_template/system_in_user", "second",
                  "prompt.chat_template.system_in_user: expected one of first"},
        BadConfig{"/prompt/chat_template/plain_turns", "yes",
                  "prompt.chat_template.plain_turns: expected"},
        BadConfig{"/prompt/chat_template/begin", "<s>",
                  "prompt.chat_template.begin: expected no such key"},
        BadConfig{"/adapters", json{{"rank", 0}, {"alpha", 16}},
                  "adapters.rank: expected a whole number in [1, 1024], got 0"},
        BadConfig{"/adapters", json{{"rank", 8}}, "adapters.alpha: expected a number"},
        BadConfig{"/adapters", json{{"rank", 8}, {"alpha", 16}, {"dropout", 0.1}},
                  "adapters.dropout: expected no such key"},
        BadConfig{"/format_version", 2, "format_version"}));

TEST(ModelConfigTest, ABundleNeedNotSayWhatWeightsItWasMadeFor) {
  json config = DefaultConfig();
  config["language_model"].erase("weight_format");
  const auto parsed = ModelConfig::Parse(config.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->language_model.weight_format, "");
}

TEST(ModelConfigTest, AChatTemplateMaySayMoreThanPrefixesAndSuffixes) {
  json config = DefaultConfig();
  json& chat = config["prompt"]["chat_template"];
  EXPECT_EQ(ModelConfig::Parse(config.dump())->prompt.chat_template.extras, ChatExtras{});
  chat["without_system"] = "<s>";
  chat["system_in_user"] = "last";
  chat["trim"] = {"user", "assistant"};
  chat["plain_turns"] = true;
  const auto parsed = ModelConfig::Parse(config.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const ChatExtras expected{.without_system = "<s>",
                            .system_place = ChatExtras::SystemPlace::kLastUser,
                            .trim = {"user", "assistant"},
                            .plain_turns = true};
  EXPECT_EQ(parsed->prompt.chat_template.extras, expected);
}

TEST(ModelConfigTest, ALanguageModelMayBeOfAnotherFamily) {
  json config = DefaultConfig();
  json& language = config["language_model"];
  EXPECT_FALSE(ModelConfig::Parse(config.dump())->language_model.rope_scaling.has_value());
  language["family"] = "qwen2";
  language["attention_bias"] = true;
  language["rope_scaling"] = Llama3Scaling(1, 4, 2048);
  const auto parsed = ModelConfig::Parse(config.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->language_model.attention_bias);
  EXPECT_EQ(parsed->language_model.rope_scaling->rope_type, "llama3");
  EXPECT_EQ(parsed->language_model.rope_scaling->factor, 8);
  EXPECT_EQ(parsed->language_model.rope_scaling->high_freq_factor, 4);
  EXPECT_EQ(parsed->language_model.rope_scaling->original_max_position_embeddings, 2048);
  language["family"] = "mistral";
  language["attention_bias"] = false;
  language["rope_scaling"] = {{"rope_type", "linear"}, {"factor", 2.5}};
  const auto linear = ModelConfig::Parse(config.dump());
  ASSERT_TRUE(linear.ok()) << linear.status();
  EXPECT_EQ(linear->language_model.rope_scaling->factor, 2.5);
}

TEST(ModelConfigTest, ABundleMayHaveAdapters) {
  json config = DefaultConfig();
  config.erase("adapters");
  EXPECT_FALSE(ModelConfig::Parse(config.dump())->adapters.has_value());
  config["adapters"] = {{"rank", 8}, {"alpha", 16}};
  const auto parsed = ModelConfig::Parse(config.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->adapters->rank, 8);
  EXPECT_EQ(parsed->adapters->alpha, 16);
}

TEST(ModelConfigTest, RefusesWhatIsNoJson) {
  EXPECT_EQ(ModelConfig::Parse("{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ModelConfig::Parse("[]").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mrmllm
