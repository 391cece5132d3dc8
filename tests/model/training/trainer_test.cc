// SPDX-License-Identifier: Apache-2.0
#include "model/training/trainer.h"

#include "gtest/gtest.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/load_language_model.h"
#include "model/training/report/served_answers.h"
#include "model/training/training_checkpoint.h"
#include "tests/model/checkpoint/scratch_directory.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/model/training/listed_examples.h"
#include "tests/model/training/tiny_training.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

Recipe TinyRecipe(int steps) {
  Recipe recipe;
  recipe.fingerprint = 42;
  recipe.seed = 5;
  recipe.steps = steps;
  recipe.adapters = {.rank = 4, .alpha = 8};
  recipe.optimizer = {
      .learning_rate = 0.02, .warmup_steps = 2, .weight_decay = 0.01, .clip_norm = 1};
  recipe.batch = {.tokens = 60, .tokens_at_once = 25, .sequence_tokens = 40};
  recipe.evaluation = {.every_steps = 3, .examples = 2};
  return recipe;
}

// A tiny model over bytes, with what a run of it needs. One thread: a run is then the same bit for
// bit each time.
class TrainerTest : public testing::Test {
 protected:
  TrainerTest() {
    at::set_num_threads(1);
    bundle_.config.language_model = TinyLanguageConfig();
    bundle_.config.language_model.vocab_size = 258;
    bundle_.config.language_model.eos_token_ids = {kEndId};
    LanguageModel model(bundle_.config.language_model);
    torch::manual_seed(7);
    Randomize(*model);
    for (auto& item : model->named_parameters()) {
      at::Tensor& value = item.value();
      value.copy_(value.to(at::kBFloat16));  // as bundles store them
      bundle_.tensors["language_model." + item.key()] = value.detach().to(at::kBFloat16);
    }
    model_ = model;
  }

  // A trainer at the beginning of the run, over examples at their beginning.
  std::unique_ptr<Trainer> Begin(const Recipe& recipe) {
    examples_ = std::make_unique<ListedExamples>(list_);
    source_ = std::make_unique<SequenceSource>(examples_.get(), &chat_, tokenizer_, kEndId,
                                               recipe.batch.sequence_tokens);
    std::vector<SupervisedSequence> held_out = {
        source_->Encode({{{Turn::Role::kUser, "one?"}}, "1"})};
    return std::make_unique<Trainer>(recipe, model_, source_.get(), held_out);
  }

  static void Steps(Trainer& trainer, int count) {
    for (int i = 0; i < count; ++i) ASSERT_THAT(trainer.Step().status(), IsOk());
  }

  std::vector<std::pair<std::string, std::string>> list_ = {
      {"one?", "1"}, {"two?", "22"}, {"three?", "333"}, {"a much longer question?", "no"}};
  std::shared_ptr<const Tokenizer> tokenizer_ = MakeTokenizer(SmallTokenizerJson());
  ChatTemplate chat_ =
      ChatTemplate::Create({.user = {"<|im_start|>", "<|im_end|>"}, .generation_prefix = "A"},
                           tokenizer_)
          .value();
  Bundle bundle_;
  LanguageModel model_{nullptr};
  std::unique_ptr<ListedExamples> examples_;
  std::unique_ptr<SequenceSource> source_;
};

TEST_F(TrainerTest, LearnsAnswersThatTheServingModelThenGives) {
  const Recipe recipe = TinyRecipe(60);
  const auto trainer = Begin(recipe);
  const double before = trainer->Step()->point.loss;
  while (!trainer->done()) Steps(*trainer, 1);
  const CurvePoint& last = trainer->state().curve.back();
  EXPECT_LT(last.loss, 0.2 * before);
  EXPECT_GE(last.held_out_loss, 0);
  EXPECT_LT(trainer->state().curve[2].held_out_loss, before);
  EXPECT_LT(trainer->state().curve[3].held_out_loss, 0) << "only every third step is evaluated";

  bundle_.config.adapters = recipe.adapters;
  bundle_.adapters = trainer->Adapters();
  const c10::InferenceMode inference;
  auto served = ServedAnswers::Create(bundle_, WeightFormat::kFloat32).value();
  for (const auto& [question, answer] : list_) {
    const auto prompt = chat_.Render({{Turn::Role::kUser, question}}, true);
    EXPECT_EQ(tokenizer_->Decode(served->Answer(prompt, 8)), answer) << question;
  }
}

TEST_F(TrainerTest, ARunThatWasStoppedGoesOnBitForBit) {
  const ScratchDirectory directory;
  const std::string path = directory.File("checkpoint.safetensors");
  const auto straight = Begin(TinyRecipe(4));
  Steps(*straight, 4);

  const auto first = Begin(TinyRecipe(4));
  Steps(*first, 2);
  ASSERT_THAT(first->Save(path), IsOk());
  const auto second = Begin(TinyRecipe(4));
  ASSERT_THAT(second->Load(path), IsOk());
  EXPECT_EQ(second->state().step(), 2);
  Steps(*second, 2);

  EXPECT_TRUE(second->done());
  EXPECT_EQ(second->state().curve, straight->state().curve);
  EXPECT_EQ(second->state().drawn, straight->state().drawn);
  ASSERT_THAT(straight->Save(directory.File("a")), IsOk());
  ASSERT_THAT(second->Save(directory.File("b")), IsOk());
  const TensorMap a = MapSafetensors(directory.File("a")).value();
  const TensorMap b = MapSafetensors(directory.File("b")).value();
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

TEST_F(TrainerTest, APassMoreOrLessIsTheSameStep) {
  Recipe recipe = TinyRecipe(4);
  const auto many = Begin(recipe);
  const double loss = many->Step()->point.loss;
  recipe.batch.tokens_at_once = 1000;
  const auto one = Begin(recipe);
  EXPECT_NEAR(one->Step()->point.loss, loss, 1e-5);
  const TensorMap expected = many->Adapters();
  for (const auto& [name, tensor] : one->Adapters()) {
    EXPECT_LT(Distance(tensor, expected.at(name)), 2e-2) << name;
  }
}

TEST_F(TrainerTest, ACheckpointOfAnotherRecipeIsRefused) {
  const ScratchDirectory directory;
  const std::string path = directory.File("checkpoint.safetensors");
  const auto trainer = Begin(TinyRecipe(4));
  Steps(*trainer, 1);
  ASSERT_THAT(trainer->Save(path), IsOk());
  Recipe other = TinyRecipe(4);
  other.fingerprint = 43;
  EXPECT_THAT(Begin(other)->Load(path),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another recipe")));
}

TEST_F(TrainerTest, ACheckpointThatLacksSomethingIsRefusedByName) {
  const ScratchDirectory directory;
  const std::string path = directory.File("checkpoint.safetensors");
  const auto trainer = Begin(TinyRecipe(4));
  Steps(*trainer, 1);
  ASSERT_THAT(trainer->Save(path), IsOk());
  TensorMap tensors = MapSafetensors(path).value();
  tensors.erase("optimizer.exp_avg.language_model.model.layers.0.mlp.up_proj.lora_B.weight");
  ASSERT_THAT(WriteSafetensors(path, tensors), IsOk());
  EXPECT_THAT(
      Begin(TinyRecipe(4))->Load(path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("missing tensor: optimizer.exp_avg.language_model.model.layers.0")));
  EXPECT_THAT(Begin(TinyRecipe(4))->Load(directory.File("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(TrainerTest, SaysWhenNoExampleIsShortEnough) {
  Recipe recipe = TinyRecipe(4);
  recipe.batch.sequence_tokens = 3;
  EXPECT_THAT(Begin(recipe)->Step().status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch.sequence_tokens")));
}

TEST_F(TrainerTest, ZeroAdaptersServeTheModelBitForBit) {
  Bundle adapted = bundle_;
  adapted.config.adapters = AdapterConfig{.rank = 4, .alpha = 8};
  adapted.adapters = Begin(TinyRecipe(4))->Adapters();  // B is zero before the first step
  const c10::InferenceMode inference;
  for (const WeightFormat format : {WeightFormat::kFloat32, WeightFormat::kBfloat16,
                                    WeightFormat::kInt8, WeightFormat::kInt4}) {
    std::vector<at::Tensor> logits;
    for (const Bundle* bundle : {&bundle_, &adapted}) {
      LanguageModel model = LoadLanguageModel(*bundle, format, at::kCPU).value();
      KvCache cache(NewPool(model, 4), 40);
      ASSERT_TRUE(cache.Reserve());
      const auto prompt = chat_.Render({{Turn::Role::kUser, "q"}}, true);
      logits.push_back(model->ForwardAllTokens({{prompt, &cache}}));
    }
    EXPECT_EQ(Distance(logits[0], logits[1]), 0) << WeightFormatName(format);
  }
}

}  // namespace
}  // namespace mrmllm
