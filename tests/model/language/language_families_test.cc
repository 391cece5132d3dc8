// SPDX-License-Identifier: Apache-2.0
// Small random models of every family, of transformers' own, with its logits and greedy answers.
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors.h"
#include "model/config.h"
#include "model/language/sampler.h"
#include "tests/model/language/tiny_model.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using nlohmann::json;
using Ids = std::vector<int32_t>;

constexpr double kTolerance = 1e-4;

json ReadJson(const std::string& path) {
  std::ifstream file(MRMLLM_SOURCE_DIR + ("/" + path));
  return json::parse(file);
}

json Golden(const std::string& name) {
  const json golden = ReadJson("tests/golden/data/language_families.json");
  for (const json& entry : golden["families"]) {
    if (entry["name"] == name) return entry;
  }
  return json::object();
}

// The keys of a bundle's language_model, read as a bundle's.
LanguageConfig Parsed(const json& language_model) {
  json config = ReadJson("model/bundles/coco-135m/config.json");
  config["language_model"] = language_model;
  config["fusion"]["integration_layers"] = json::array();
  const auto parsed = ModelConfig::Parse(config.dump());
  EXPECT_THAT(parsed.status(), IsOk());
  return parsed.ok() ? parsed->language_model : LanguageConfig();
}

class LanguageFamilyTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto tensors = MapSafetensors(MRMLLM_SOURCE_DIR "/tests/golden/data/language_" +
                                  std::string(GetParam()) + ".safetensors");
    ASSERT_THAT(tensors.status(), IsOk());
    tensors_ = *std::move(tensors);
    golden_ = Golden(GetParam());
    config_ = Parsed(golden_["language_model"]);
    const at::Tensor ids = tensors_.at("golden.input_ids");
    tokens_ = {ids.const_data_ptr<int32_t>(), ids.const_data_ptr<int32_t>() + ids.numel()};
    expected_ = tensors_.at("golden.logits");  // [tokens, vocab]
  }

  LanguageModel Load(WeightFormat format) const { return Load(format, config_, tensors_); }

  static LanguageModel Load(WeightFormat format, const LanguageConfig& config,
                            const TensorMap& tensors) {
    LanguageModel model(config);
    EXPECT_THAT(LoadParameters(*model, "language_model", tensors, std::nullopt, at::kCPU), IsOk());
    model->Prepare(format);
    return model;
  }

  // Every position's logits, `chunk` tokens a step.
  at::Tensor Logits(LanguageModel& model, size_t chunk) const {
    const auto cache = TinyCache(model, 128);
    std::vector<at::Tensor> parts;
    for (size_t t = 0; t < tokens_.size(); t += chunk) {
      const auto part = absl::MakeConstSpan(tokens_).subspan(t, chunk);
      parts.push_back(model->ForwardAllTokens({{part, cache.get()}}).clone());
    }
    return at::cat(parts);
  }
  at::Tensor Logits(LanguageModel& model) const { return Logits(model, tokens_.size()); }

  // Root of the mean square of what the logits differ by, as a part of their own.
  double Error(const at::Tensor& logits) const {
    return ((logits - expected_).square().mean() / expected_.square().mean()).sqrt().item<double>();
  }

  TensorMap tensors_;
  json golden_;
  LanguageConfig config_;
  Ids tokens_;
  at::Tensor expected_;
};

TEST_P(LanguageFamilyTest, EveryPositionsLogitsAreTransformers) {
  LanguageModel model = Load(WeightFormat::kFloat32);
  EXPECT_LT(Distance(Logits(model), expected_), kTolerance);
  const ScopedPlainOperators plain;
  EXPECT_LT(Distance(Logits(model), expected_), kTolerance);
}

TEST_P(LanguageFamilyTest, SoAreTheyInChunks) {
  LanguageModel model = Load(WeightFormat::kFloat32);
  for (const size_t chunk : {5, 17, 50}) {
    EXPECT_LT(Distance(Logits(model, chunk), expected_), kTolerance) << "chunk " << chunk;
  }
}

TEST_P(LanguageFamilyTest, SoAreTheyInARaggedBatch) {
  LanguageModel model = Load(WeightFormat::kFloat32);
  std::vector<std::unique_ptr<KvCache>> caches;
  std::vector<LanguageInput> batch;
  const std::vector<int> past = {0, 64, 90, 0}, now = {5, 1, 22, 112};
  for (size_t i = 0; i < past.size(); ++i) {
    caches.push_back(TinyCache(model, 128));
    const auto all = absl::MakeConstSpan(tokens_);
    if (past[i] > 0) model->Forward({{all.first(past[i]), caches[i].get()}});
    batch.push_back({all.subspan(past[i], now[i]), caches[i].get()});
  }
  const at::Tensor logits = model->Forward(batch);
  for (size_t i = 0; i < past.size(); ++i) {
    EXPECT_LT(Distance(logits[i], expected_[past[i] + now[i] - 1]), kTolerance) << "sequence " << i;
  }
}

TEST_P(LanguageFamilyTest, GreedyAnswersOfABatchAreTransformersTokenForToken) {
  LanguageModel model = Load(WeightFormat::kFloat32);
  std::vector<Ids> fed, produced, expected;
  std::vector<std::unique_ptr<KvCache>> caches;
  for (const json& answer : golden_["answers"]) {
    fed.emplace_back(tokens_.begin(), tokens_.begin() + answer["prompt_length"].get<int>());
    expected.push_back(answer["output_ids"].get<Ids>());
    caches.push_back(TinyCache(model, 128));
  }
  ASSERT_EQ(fed.size(), 3u);
  produced.resize(fed.size());
  while (produced[0].size() < expected[0].size()) {
    std::vector<LanguageInput> inputs;
    for (size_t i = 0; i < fed.size(); ++i) inputs.push_back({fed[i], caches[i].get()});
    const Ids next = Sampler::ArgMax(model->Forward(inputs));
    for (size_t i = 0; i < fed.size(); ++i) {
      fed[i] = {next[i]};
      produced[i].push_back(next[i]);
    }
  }
  EXPECT_EQ(produced, expected);
}

TEST_P(LanguageFamilyTest, FewerBitsStayClose) {
  const std::map<WeightFormat, double> bounds = {
      {WeightFormat::kBfloat16, 0.03}, {WeightFormat::kInt8, 0.08}, {WeightFormat::kInt4, 0.6}};
  for (const auto& [format, bound] : bounds) {
    LanguageModel model = Load(format);
    ASSERT_EQ(model->weight_format(), format);
    const at::Tensor logits = Logits(model);
    EXPECT_LT(Error(logits), bound) << WeightFormatName(format);
    const bool whole_vectors = config_.head_dim % 16 == 0;  // else libtorch's attention serves
    if (whole_vectors) {
      EXPECT_TRUE(at::equal(Logits(model, 17), logits)) << WeightFormatName(format);
    }
  }
}

TEST_P(LanguageFamilyTest, WithoutItsBiasesOrItsScalingItIsAnother) {
  LanguageConfig config = config_;
  config.rope_scaling.reset();
  TensorMap tensors = tensors_;
  for (auto& [name, tensor] : tensors) {
    if (name.ends_with(".bias")) tensor = at::zeros_like(tensor);
  }
  const bool has_either = config_.attention_bias || config_.rope_scaling.has_value();
  for (const WeightFormat format : {WeightFormat::kFloat32, WeightFormat::kInt8}) {
    LanguageModel model = Load(format, config, tensors);
    EXPECT_EQ(Error(Logits(model)) > 0.2, has_either) << WeightFormatName(format);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, LanguageFamilyTest,
                         testing::Values("llama2", "llama2_linear", "llama3", "llama3_tied",
                                         "mistral", "qwen2", "qwen2_tied"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace mrmllm
