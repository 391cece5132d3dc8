// SPDX-License-Identifier: Apache-2.0
#include "model/training/training_decoder.h"

#include "gtest/gtest.h"
#include "model/checkpoint/load.h"
#include "tests/model/training/tiny_training.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

std::vector<SupervisedSequence> Sequences() {
  return {TinySequence(7, 2), TinySequence(30, 5), TinySequence(2, 1), TinySequence(19, 19)};
}

// What the serving model makes of the same tokens, each sequence with a cache of its own.
at::Tensor Served(LanguageModel& model, const std::vector<SupervisedSequence>& sequences) {
  std::vector<std::unique_ptr<KvCache>> caches;
  std::vector<LanguageInput> inputs;
  for (const SupervisedSequence& sequence : sequences) {
    caches.push_back(TinyCache(model));
    inputs.push_back(
        {absl::MakeConstSpan(sequence.tokens).first(sequence.length()), caches.back().get()});
  }
  return model->ForwardAllTokens(inputs);
}

at::Tensor AllLogits(const TrainingDecoder& decoder, const PackedSequences& batch) {
  return decoder.Logits(batch, at::arange(batch.ids.size(0)));
}

// The tiny model with the adapters in its weights.
LanguageModel Merged(LanguageModel& model, const TrainableAdapters& adapters,
                     const AdapterConfig& config) {
  TensorMap tensors;
  for (const auto& item : model->named_parameters()) {
    tensors["language_model." + item.key()] = item.value().detach().clone();
  }
  MergeAdapters(adapters.Snapshot(at::kFloat), config, model->config(), tensors);
  LanguageModel merged(model->config());
  EXPECT_THAT(LoadParameters(*merged, "language_model", tensors, at::kFloat, at::kCPU), IsOk());
  merged->Prepare();
  return merged;
}

TEST(PackedSequencesTest, PacksAndPointsAtWhatIsLearned) {
  const PackedSequences batch(std::vector<SupervisedSequence>{{{5, 6, 7, 8}, 2}, {{9, 10, 11}, 2}});
  EXPECT_TRUE(at::equal(batch.ids, at::tensor({5, 6, 7, 9, 10}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.positions, at::tensor({0, 1, 2, 0, 1}, at::kLong)));
  EXPECT_EQ(batch.lengths, (std::vector<int64_t>{3, 2}));
  EXPECT_TRUE(at::equal(batch.rows, at::tensor({1, 2, 4}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.targets, at::tensor({7, 8, 11}, at::kLong)));
}

TEST(TrainingDecoderTest, ItsLogitsAreThoseOfTheServingModel) {
  LanguageModel model = TinyLanguageModel();
  const auto sequences = Sequences();
  const PackedSequences batch(sequences);
  const at::Tensor logits = AllLogits(TrainingDecoder(model, nullptr), batch);
  EXPECT_LT(Distance(logits, Served(model, sequences)), 1e-4);
}

TEST(TrainingDecoderTest, SoAreTheyWithBiasesAndStretchedPositions) {
  LanguageConfig config = TinyLanguageConfig();
  config.attention_bias = true;
  config.rope_scaling = RopeScaling{.rope_type = "linear", .factor = 4};
  LanguageModel model(config);
  Randomize(*model);
  model->Prepare();
  const auto sequences = Sequences();
  const PackedSequences batch(sequences);
  const at::Tensor logits = AllLogits(TrainingDecoder(model, nullptr), batch);
  EXPECT_LT(Distance(logits, Served(model, sequences)), 1e-4);
  for (const auto& parameter : model->named_parameters()) {
    if (parameter.key().ends_with(".bias")) parameter.value().zero_();
  }
  EXPECT_GT(Distance(logits, AllLogits(TrainingDecoder(model, nullptr), batch)), 0.01);
}

TEST(TrainingDecoderTest, FreshAdaptersChangeNothing) {
  LanguageModel model = TinyLanguageModel();
  const PackedSequences batch(Sequences());
  const TrainableAdapters adapters(TinyLanguageConfig(), {.rank = 3, .alpha = 6});
  const ScopedPlainOperators plain;  // without gradients the layers' own kernels would serve
  EXPECT_EQ(Distance(AllLogits(TrainingDecoder(model, &adapters), batch),
                     AllLogits(TrainingDecoder(model, nullptr), batch)),
            0);
}

TEST(TrainingDecoderTest, AdaptersBesideTheWeightsAreAdaptersInTheWeights) {
  LanguageModel model = TinyLanguageModel();
  const AdapterConfig config{.rank = 3, .alpha = 6};
  const TrainableAdapters adapters = TinyAdapters(config);
  const auto sequences = Sequences();
  const at::Tensor logits =
      AllLogits(TrainingDecoder(model, &adapters), PackedSequences(sequences));
  LanguageModel merged = Merged(model, adapters, config);
  EXPECT_LT(Distance(logits, Served(merged, sequences)), 1e-4);
  EXPECT_GT(Distance(logits, Served(model, sequences)), 1e-2);
}

TEST(TrainingDecoderTest, ASequenceSeesItselfAlone) {
  LanguageModel model = TinyLanguageModel();
  const TrainingDecoder decoder(model, nullptr);
  std::vector<SupervisedSequence> sequences = Sequences();
  const at::Tensor together = AllLogits(decoder, PackedSequences(sequences));
  const at::Tensor alone =
      AllLogits(decoder, PackedSequences(absl::MakeConstSpan(&sequences[1], 1)));
  EXPECT_LT(Distance(together.narrow(0, 6, 29), alone), 1e-4);
}

TEST(TrainingDecoderTest, GradientsAreThoseOfNumericalDifferences) {
  LanguageModel model = TinyLanguageModel();
  model->to(at::kDouble);
  TrainableAdapters adapters = TinyAdapters();
  const PackedSequences batch(Sequences());
  for (auto& parameter : adapters.parameters()) {
    parameter.value = parameter.value.detach().to(at::kDouble).set_requires_grad(true);
  }
  const TrainingDecoder decoder(model, &adapters);
  const auto loss = [&] {
    return at::cross_entropy_loss(decoder.Logits(batch, batch.rows), batch.targets);
  };
  loss().backward();
  for (auto& parameter : adapters.parameters()) {
    const at::Tensor direction = at::randn_like(parameter.value);
    const double expected = (parameter.value.grad() * direction).sum().item<double>();
    const torch::NoGradGuard no_grad;
    const double step = 1e-3;  // the logits come out in float32
    parameter.value.add_(direction, step);
    const double above = loss().item<double>();
    parameter.value.add_(direction, -2 * step);
    const double below = loss().item<double>();
    parameter.value.add_(direction, step);
    EXPECT_NEAR((above - below) / (2 * step), expected, 2e-3 + 0.02 * std::abs(expected))
        << parameter.name;
  }
}

TEST(TrainingDecoderTest, OnlyAdaptersGetGradients) {
  LanguageModel model = TinyLanguageModel(at::kBFloat16);
  const TrainableAdapters adapters = TinyAdapters();
  const PackedSequences batch(Sequences());
  const TrainingDecoder decoder(model, &adapters);
  at::cross_entropy_loss(decoder.Logits(batch, batch.rows), batch.targets).backward();
  for (const auto& parameter : adapters.parameters()) {
    ASSERT_TRUE(parameter.value.grad().defined()) << parameter.name;
    EXPECT_EQ(parameter.value.grad().scalar_type(), at::kFloat);
    EXPECT_GT(parameter.value.grad().abs().max().item<float>(), 0) << parameter.name;
  }
  for (const at::Tensor& parameter : model->parameters()) {
    EXPECT_FALSE(parameter.grad().defined());
  }
}

}  // namespace
}  // namespace mrmllm
