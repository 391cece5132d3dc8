// SPDX-License-Identifier: Apache-2.0
#include "server/torch_engine.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/image_decoding/image_decoder.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

constexpr const char* kPhotos = MRMLLM_SOURCE_DIR "/docs/photos/";

// One engine for all tests: loading takes seconds.
class TorchEngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    TorchEngineOptions options;
    options.bundle_directory = std::getenv("MRMLLM_BUNDLE");
    options.verify_checksums = false;
    options.warm_up_images = 2;
    auto engine = OpenTorchEngine(
        options, Clock::Real(), [](std::string_view phase, auto) { phases_->emplace_back(phase); });
    ASSERT_THAT(engine, IsOk());
    engine_ = engine->release();
  }
  static void TearDownTestSuite() { delete engine_; }

  static std::shared_ptr<const ImageInput> Photo(const std::string& name) {
    std::ifstream file(kPhotos + name, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const ImageDecoder decoder({.max_bytes = 1 << 24, .max_pixels = 50'000'000, .max_side = 16'384},
                               engine_->info().detector_input, engine_->info().encoder_input,
                               engine_->info().max_detail_side);
    return decoder.DecodeEncoded(bytes).value();
  }

  static std::shared_ptr<const Perception> See(const std::string& name) {
    return engine_->Perceive({{Photo(name), true}})[0].value();
  }

  static AnswerInput Question(std::shared_ptr<const Perception> seen, std::string text) {
    AnswerInput input;
    input.images = {std::move(seen)};
    input.question = std::move(text);
    input.generation.max_new_tokens = 16;
    return input;
  }

  static std::unique_ptr<Sequence> Prefilled(const AnswerInput& input, int chunk,
                                             std::string* text) {
    auto sequence = engine_->StartSequence(input).value();
    EXPECT_TRUE(sequence->Reserve());
    while (sequence->pending_prompt_tokens() > 0) {
      *text += engine_->Prefill({{sequence.get(), chunk}})[0].value().text;
    }
    return sequence;
  }

  static std::string Answer(const AnswerInput& input, int chunk = 512,
                            TokenUsage* usage = nullptr) {
    std::string text;
    auto sequence = Prefilled(input, chunk, &text);
    if (usage != nullptr) *usage = sequence->usage();
    for (;;) {
      StepResult step = engine_->Decode({sequence.get()})[0].value();
      text += step.text;
      if (step.finish != FinishReason::kNone) return text;
    }
  }

  static Engine* engine_;
  static std::vector<std::string>* phases_;
};

Engine* TorchEngineTest::engine_ = nullptr;
std::vector<std::string>* TorchEngineTest::phases_ = new std::vector<std::string>;

std::vector<std::string> Labels(const Perception& seen) {
  std::vector<std::string> labels;
  for (const Detection& detection : seen.detections) {
    if (detection.sure) labels.push_back(detection.label);
  }
  return labels;
}

int Count(const std::vector<std::string>& labels, const std::string& label) {
  return static_cast<int>(std::count(labels.begin(), labels.end(), label));
}

TEST_F(TorchEngineTest, TellsThePhasesOfItsStart) {
  EXPECT_THAT(*phases_, testing::ElementsAre("device", "bundle", "model", "warm_up"));
}

TEST_F(TorchEngineTest, SeesTheDogsInAPhotoOfTwoDogs) {
  EXPECT_THAT(Labels(*See("two_dogs.jpg")), testing::Contains("dog"));
}

TEST_F(TorchEngineTest, ABatchSeesWhatSinglesSee) {
  const std::vector<std::string> names = {"two_dogs.jpg", "living_room.jpg", "cows.jpg"};
  std::vector<PerceiveItem> items;
  for (const std::string& name : names) items.push_back({Photo(name), true});
  auto batch = engine_->Perceive(items);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto single = See(names[i]);
    ASSERT_THAT(batch[i], IsOk());
    EXPECT_EQ(Labels(**batch[i]), Labels(*single)) << names[i];
    for (size_t j = 0; j < Labels(*single).size(); ++j) {
      EXPECT_NEAR((*batch[i])->detections[j].score, single->detections[j].score, 1e-4);
      EXPECT_NEAR((*batch[i])->detections[j].box.x_min, single->detections[j].box.x_min, 1e-3);
    }
  }
}

TEST_F(TorchEngineTest, ASecondLookKeepsTheFirstOnesObjectsAndSaysWhereItLooked) {
  const auto photo = Photo("living_room.jpg");
  const auto first = engine_->Perceive({{photo, true}})[0].value();
  const auto regions = engine_->PlanSecondLook(*first, {.settings = {SecondLookMode::kAlways, 4}});
  ASSERT_EQ(regions.size(), 4u);
  const auto second = engine_->LookAgain({{photo, first, regions}})[0];
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ((*second)->second_look, regions);
  EXPECT_EQ((*second)->width, first->width);
  EXPECT_EQ((*second)->height, first->height);
  EXPECT_GE(Labels(**second).size(), Labels(*first).size());
  EXPECT_TRUE(std::is_sorted((*second)->detections.begin(), (*second)->detections.end(),
                             [](const auto& a, const auto& b) { return a.score > b.score; }));
  EXPECT_FALSE(Answer(Question(*second, "What is in the image?")).empty());
}

TEST_F(TorchEngineTest, AFailedSecondLookFailsAloneInItsBatch) {
  const auto photo = Photo("two_dogs.jpg");
  const auto first = engine_->Perceive({{photo, true}})[0].value();
  auto broken = std::make_shared<ImageInput>(*photo);
  broken->detail = {};
  const std::vector<NormalizedBox> regions = {{0, 0, 0.6f, 0.6f}};
  const auto looks = engine_->LookAgain({{broken, first, regions}, {photo, first, regions}});
  EXPECT_THAT(looks[0], StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("image detail")));
  EXPECT_THAT(looks[1], IsOk());
}

TEST_F(TorchEngineTest, AnswersFromWhatItSaw) {
  const auto seen = See("two_dogs.jpg");
  EXPECT_THAT(Answer(Question(seen, "Is there a dog in the image?")), testing::StartsWith("Yes"));
  EXPECT_THAT(Answer(Question(seen, "Is there an airplane in the image?")),
              testing::Not(testing::StartsWith("Yes")));
  EXPECT_THAT(Answer(Question(seen, "How many dogs are there in the image?")),
              testing::HasSubstr(absl::StrCat(Count(Labels(*seen), "dog"))));
}

TEST_F(TorchEngineTest, EndsAnAnswerAboutAnImageWithItsLine) {
  AnswerInput input = Question(See("cows.jpg"), "How many cows are there?");
  input.generation.max_new_tokens = 64;
  EXPECT_EQ(Answer(input), "There are 3 cows in the image.");
}

TEST_F(TorchEngineTest, AnAnswerInABatchOfSixteenIsTheAnswerAlone) {
  const char* questions[] = {"What is in the image?", "Is there a couch?",
                             "How many cows are there?", "Where is the dog?",
                             "Describe the image."};
  std::vector<AnswerInput> inputs;
  for (int i = 0; i < 16; ++i) {
    const char* photo = i % 3 == 0 ? "two_dogs.jpg" : i % 3 == 1 ? "living_room.jpg" : "cows.jpg";
    inputs.push_back(Question(See(photo), questions[i % 5]));
    inputs.back().generation.max_new_tokens = 4 + i;
    inputs.back().cache_salt = "a batch";
  }
  std::vector<std::string> texts(inputs.size());
  std::vector<std::unique_ptr<Sequence>> sequences;
  std::vector<size_t> running;
  for (size_t i = 0; i < inputs.size(); ++i) {
    sequences.push_back(Prefilled(inputs[i], 512, &texts[i]));
    running.push_back(i);
  }
  while (!running.empty()) {
    std::vector<Sequence*> batch;
    for (size_t i : running) batch.push_back(sequences[i].get());
    auto steps = engine_->Decode(batch);
    std::vector<size_t> left;
    for (size_t k = 0; k < running.size(); ++k) {
      texts[running[k]] += steps[k].value().text;
      if (steps[k]->finish == FinishReason::kNone) left.push_back(running[k]);
    }
    running = left;
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    inputs[i].cache_salt = "alone";
    EXPECT_EQ(texts[i], Answer(inputs[i])) << inputs[i].question;
  }
}

TEST_F(TorchEngineTest, ASecondQuestionAboutAnImageReadsOnlyWhatIsNew) {
  AnswerInput input = Question(See("cows.jpg"), "How many cows are there?");
  input.cache_salt = "tenant a";
  TokenUsage first, second, another;
  const std::string answer = Answer(input, 512, &first);
  EXPECT_EQ(Answer(input, 512, &second), answer);
  EXPECT_EQ(first.cached_tokens, 0);
  EXPECT_GE(second.cached_tokens, second.prompt_tokens - 16);
  EXPECT_LT(second.cached_tokens, second.prompt_tokens);
  input.cache_salt = "tenant b";
  EXPECT_EQ(Answer(input, 512, &another), answer);
  EXPECT_EQ(another.cached_tokens, 0);
}

TEST_F(TorchEngineTest, AnAnswerThatIsGivenUpFreesItsBlocksAtOnce) {
  const auto seen = See("cows.jpg");
  std::string text;
  auto prefilling = engine_->StartSequence(Question(seen, "Is there a cow?")).value();
  auto waiting = engine_->StartSequence(Question(seen, "Is there a dog?")).value();
  EXPECT_EQ(engine_->kv_usage().reserved_blocks, 0) << "nothing is taken before Reserve";
  ASSERT_TRUE(prefilling->Reserve());
  ASSERT_THAT(engine_->Prefill({{prefilling.get(), 20}})[0], IsOk());
  auto speaking = Prefilled(Question(seen, "What is in the image?"), 512, &text);
  ASSERT_THAT(engine_->Decode({speaking.get()})[0], IsOk());
  EXPECT_GE(engine_->kv_usage().reserved_blocks,
            std::max(prefilling->kv_blocks_needed(), speaking->kv_blocks_needed()));
  prefilling.reset();
  EXPECT_EQ(engine_->kv_usage().reserved_blocks, speaking->kv_blocks_needed());
  speaking.reset();
  waiting.reset();
  EXPECT_EQ(engine_->kv_usage().reserved_blocks, 0);
}

TEST_F(TorchEngineTest, TellsThePoolThatItKeeps) {
  EXPECT_EQ(engine_->info().kv_block_tokens, 16);
  EXPECT_GT(engine_->info().kv_blocks, 100);
  EXPECT_EQ(engine_->kv_usage().total_blocks, engine_->info().kv_blocks);
}

TEST_F(TorchEngineTest, AChunkedPromptGivesTheSameAnswer) {
  AnswerInput input = Question(See("cows.jpg"), "How many cows are there?");
  input.cache_salt = "chunks";
  const std::string chunked = Answer(input, 7);
  input.cache_salt = "whole";
  EXPECT_EQ(chunked, Answer(input, 512));
}

TEST_F(TorchEngineTest, RefusesAPromptLongerThanTheContext) {
  AnswerInput input;
  input.question = std::string(60'000, '7');
  EXPECT_THAT(engine_->StartSequence(input), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TorchEngineTest, StopsBeforeAStopString) {
  AnswerInput input = Question(See("two_dogs.jpg"), "Is there a dog in the image?");
  const std::string whole = Answer(input);
  input.generation.stop = {whole.substr(1, 2)};
  EXPECT_EQ(Answer(input), whole.substr(0, 1));
}

TEST_F(TorchEngineTest, NamesAMissingBundle) {
  TorchEngineOptions options;
  options.bundle_directory = "/nowhere";
  EXPECT_THAT(OpenTorchEngine(options, Clock::Real(), nullptr),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(TorchEngineTest, SaysWhatACudaDeviceIsMissing) {
  TorchEngineOptions options;
  options.bundle_directory = "/nowhere";
  options.device = "tpu";
  EXPECT_THAT(OpenTorchEngine(options, Clock::Real(), nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace mrmllm
