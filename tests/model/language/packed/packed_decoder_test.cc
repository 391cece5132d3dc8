// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed_decoder.h"

#include <vector>

#include "gtest/gtest.h"

#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::kBfloat16, WeightFormat::kInt8,
                                     WeightFormat::kInt4};

LanguageModel Random(bool tied = true) {
  torch::manual_seed(7);
  LanguageConfig config = TinyLanguageConfig();
  config.tie_word_embeddings = tied;
  LanguageModel model(config);
  Randomize(*model);
  return model;
}

LanguageModel Tiny(WeightFormat format) {
  LanguageModel model = Random();
  model->Prepare(format);
  return model;
}

at::Tensor Whole(LanguageModel& model, const std::vector<int32_t>& tokens) {
  const auto cache = TinyCache(model);
  return model->ForwardAllTokens({{tokens, cache.get()}});
}

// 1 for the same direction.
double Cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a, b, -1).min().item<double>();
}

// Every weight as `format` holds it: packing finds the same codes again.
void RoundWeights(LanguageModel& model, WeightFormat format) {
  const torch::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    at::Tensor& weight = item.value();
    if (weight.dim() != 2) continue;
    const bool vocabulary = weight.size(0) == model->config().vocab_size;
    const auto matrix = packed::PackedMatrix::Stack(
        vocabulary && format == WeightFormat::kInt4 ? WeightFormat::kInt8 : format,
        {{weight.const_data_ptr(), at::kFloat, weight.size(0), weight.size(1)}});
    for (int64_t row = 0; row < weight.size(0); ++row) {
      matrix.DecodeRow(row, weight[row].mutable_data_ptr<float>());
    }
  }
}

// What is left then is the rounding of the inputs.
TEST(PackedDecoderTest, EveryFormatFollowsFloat32OfTheSameWeights) {
  for (const bool tied : {true, false}) {
    for (const WeightFormat format : kFormats) {
      LanguageModel exact = Random(tied), model = Random(tied);
      RoundWeights(exact, format);
      RoundWeights(model, format);
      exact->Prepare(WeightFormat::kFloat32);
      model->Prepare(format);
      EXPECT_EQ(model->weight_format(), format);
      const auto tokens = RandomTokens(40);
      EXPECT_GT(Cosine(Whole(model, tokens), Whole(exact, tokens)), 0.97)
          << WeightFormatName(format) << (tied ? ", tied" : ", untied");
    }
  }
}

// Adapters of every projection, B of the given deviation.
std::vector<LayerAdapters> RandomAdapters(LanguageModel& model, double deviation) {
  std::vector<LayerAdapters> result(model->config().num_hidden_layers);
  for (const auto& item : model->named_parameters()) {
    if (item.value().dim() != 2 || item.key().find("proj") == std::string::npos) continue;
    // "model.layers.2.mlp.up_proj.weight"
    const size_t layer = std::string("model.layers.").size();
    const std::string name = item.key().substr(layer + 2, item.key().rfind('.') - layer - 2);
    result[item.key()[layer] - '0'][name] = {torch::randn({5, item.value().size(1)}) / 8,
                                             torch::randn({item.value().size(0), 5}) * deviation};
  }
  return result;
}

TEST(PackedDecoderTest, AdaptersBesideTheWeightsAreAdaptersInTheWeights) {
  for (const WeightFormat format : kFormats) {
    LanguageModel exact = Random(), plain = Random(), model = Random();
    for (LanguageModel* each : {&exact, &plain, &model}) RoundWeights(*each, format);
    const std::vector<LayerAdapters> adapters = RandomAdapters(model, 0.1);
    const torch::NoGradGuard no_grad;
    for (size_t n = 0; n < adapters.size(); ++n) {
      for (const auto& [name, adapter] : adapters[n]) {
        exact->named_parameters()["model.layers." + std::to_string(n) + "." + name + ".weight"]
            .add_(adapter.b.mm(adapter.a));
      }
    }
    exact->Prepare(WeightFormat::kFloat32);
    plain->Prepare(format);
    model->Prepare(format, adapters);
    EXPECT_GT(model->weight_bytes(), plain->weight_bytes());
    const auto tokens = RandomTokens(40);
    const at::Tensor expected = Whole(exact, tokens);
    EXPECT_GT(Cosine(Whole(model, tokens), expected), 0.95) << WeightFormatName(format);
    EXPECT_LT(Cosine(Whole(plain, tokens), expected), 0.9) << "these adapters do something";
  }
}

TEST(PackedDecoderTest, AdaptersOfNothingLeaveEveryBitAsItWas) {
  for (const WeightFormat format : kFormats) {
    LanguageModel plain = Random(), model = Random();
    const std::vector<LayerAdapters> adapters = RandomAdapters(model, 0);
    plain->Prepare(format);
    model->Prepare(format, adapters);
    const auto tokens = RandomTokens(20);
    EXPECT_EQ(Distance(Whole(model, tokens), Whole(plain, tokens)), 0) << WeightFormatName(format);
  }
}

TEST(PackedDecoderTest, ABatchGivesEachSequenceTheBitsThatItGetsAlone) {
  for (const WeightFormat format : kFormats) {
    LanguageModel model = Tiny(format);
    const std::vector<int> past = {0, 3, 20, 0, 41, 7};
    const std::vector<int> now = {4, 1, 1, 33, 18, 1};
    std::vector<std::vector<int32_t>> tokens;
    std::vector<std::unique_ptr<KvCache>> caches;
    std::vector<LanguageInput> batch;
    std::vector<at::Tensor> alone;
    for (size_t i = 0; i < past.size(); ++i) {
      tokens.push_back(RandomTokens(past[i] + now[i]));
      alone.push_back(Whole(model, tokens[i])[past[i] + now[i] - 1].clone());
      caches.push_back(TinyCache(model));
      const auto all = absl::MakeConstSpan(tokens[i]);
      if (past[i] > 0) model->Forward({{all.subspan(0, past[i]), caches[i].get()}});
      batch.push_back({all.subspan(past[i]), caches[i].get()});
    }
    const at::Tensor logits = model->Forward(batch);
    for (size_t i = 0; i < past.size(); ++i) {
      EXPECT_TRUE(at::equal(logits[i], alone[i])) << WeightFormatName(format) << ", sequence " << i;
    }
  }
}

TEST(PackedDecoderTest, TokensOneByOneGiveTheBitsOfAllAtOnce) {
  for (const WeightFormat format : kFormats) {
    LanguageModel model = Tiny(format);
    const auto tokens = RandomTokens(30);
    const at::Tensor whole = Whole(model, tokens);
    const auto cache = TinyCache(model);
    for (size_t t = 0; t < tokens.size(); ++t) {
      const at::Tensor one = model->Forward({{absl::MakeConstSpan(&tokens[t], 1), cache.get()}});
      EXPECT_TRUE(at::equal(one[0], whole[t])) << WeightFormatName(format) << ", token " << t;
    }
  }
}

TEST(PackedDecoderTest, NoWeightIsHeldTwice) {
  LanguageConfig config = TinyLanguageConfig();
  config.attention_bias = true;
  LanguageModel model(config);
  Randomize(*model);
  model->Prepare(WeightFormat::kInt4);
  for (const at::Tensor& parameter : model->parameters()) EXPECT_EQ(parameter.nbytes(), 0u);
  EXPECT_GT(model->weight_bytes(), 0u);
  EXPECT_LT(model->weight_bytes(), Tiny(WeightFormat::kInt8)->weight_bytes());
}

TEST(PackedDecoderTest, AnIdOutsideTheVocabularyThrows) {
  LanguageModel model = Tiny(WeightFormat::kInt4);
  const std::vector<int32_t> tokens = {1, 61};
  const auto cache = TinyCache(model);
  EXPECT_THROW(model->Forward({{tokens, cache.get()}}), c10::Error);
  EXPECT_EQ(cache->length(), 0);
}

TEST(PackedDecoderTest, WeightsInAnyStoredTypeAreTaken) {
  for (const auto stored : {at::kFloat, at::kBFloat16, at::kHalf}) {
    LanguageModel model = Random();
    model->to(stored);
    model->Prepare(WeightFormat::kInt8);
    LanguageModel exact = Tiny(WeightFormat::kFloat32);
    const auto tokens = RandomTokens(10);
    EXPECT_GT(Cosine(Whole(model, tokens), Whole(exact, tokens)), 0.97);
  }
}

}  // namespace
}  // namespace mrmllm
