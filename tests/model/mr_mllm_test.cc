// SPDX-License-Identifier: Apache-2.0
#include "model/mr_mllm.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "gtest/gtest.h"
#include "model/perception/box_ops.h"
#include "server/image_decoding/image_decoder.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

// With the real bundle, whose fusion is untrained: every gate is 0.
class MrMllmTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    bundle_ =
        new Bundle(Bundle::Load(std::getenv("MRMLLM_BUNDLE"), {.verify_checksums = false}).value());
    model_ = MrMllm::Load(*bundle_, {}).value().release();
    const DetectorConfig& detector = bundle_->config.detector;
    const VisionEncoderConfig& encoder = bundle_->config.vision_encoder;
    std::ifstream file(MRMLLM_SOURCE_DIR "/docs/photos/living_room.jpg", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    photo_ = ImageDecoder({.max_bytes = 1 << 24, .max_pixels = 50'000'000, .max_side = 16'384},
                          {detector.input_size, detector.resize},
                          {encoder.input_size, encoder.resize}, 1280)
                 .DecodeEncoded(bytes)
                 .value();
  }
  static void TearDownTestSuite() {
    photo_.reset();
    delete model_;
    delete bundle_;
  }

  static PerceivedImage See(bool query_fusion) {
    return std::move(model_->Perceive({{photo_.get(), query_fusion}})[0]);
  }

  // The logits of the step that ends the prompt would be sampled away; the tokens they lead to are
  // as telling over 24 steps.
  static std::string AnswerAbout(const PerceivedImage& seen, const Mechanisms& mechanisms) {
    Question question;
    question.images = {&seen};
    question.text = "What is in the image?";
    question.generation.max_new_tokens = 24;
    question.mechanisms = mechanisms;
    auto answer = model_->Start(question).value();
    EXPECT_TRUE(answer->Reserve());
    std::string text;
    for (;;) {
      AnswerStep step = model_->Advance({{answer.get(), 512}})[0];
      text += step.text;
      if (step.finish != FinishReason::kNone) return text;
    }
  }

  static Bundle* bundle_;
  static MrMllm* model_;
  static std::shared_ptr<const ImageInput> photo_;
};

Bundle* MrMllmTest::bundle_ = nullptr;
MrMllm* MrMllmTest::model_ = nullptr;
std::shared_ptr<const ImageInput> MrMllmTest::photo_;

void ExpectIdentical(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].score, b[i].score);
    EXPECT_EQ(a[i].box, b[i].box);
    EXPECT_EQ(a[i].label, b[i].label);
    EXPECT_EQ(a[i].finer_score, b[i].finer_score);
    EXPECT_EQ(a[i].color, b[i].color);
  }
}

TEST_F(MrMllmTest, ClosedGatesLeaveDetectionsBitForBitTheDetectorsOwn) {
  model_->set_compute_closed_paths(true);
  const PerceivedImage with_fusion = See(true);
  const PerceivedImage without = See(false);
  model_->set_compute_closed_paths(false);
  const PerceivedImage skipped = See(true);
  ASSERT_FALSE(without.detections.empty());
  EXPECT_TRUE(with_fusion.q_shared.defined());
  ExpectIdentical(with_fusion.detections, without.detections);
  ExpectIdentical(skipped.detections, without.detections);
}

TEST_F(MrMllmTest, ClosedGatesLeaveAnswersTheLanguageModelsOwn) {
  model_->set_compute_closed_paths(true);
  const PerceivedImage seen = See(true);
  const std::string with_integration = AnswerAbout(seen, {});
  const std::string without = AnswerAbout(seen, {.decoder_integration = false});
  model_->set_compute_closed_paths(false);
  EXPECT_FALSE(without.empty());
  EXPECT_EQ(with_integration, without);
  EXPECT_EQ(AnswerAbout(seen, {}), without);
}

TEST_F(MrMllmTest, OpenGatesChangeWhatIsSeenAndSaid) {
  auto model = MrMllm::Load(
      [] {
        Bundle bundle = *bundle_;
        for (auto& [name, tensor] : bundle.tensors) {
          if (name.starts_with("fusion.") && name.ends_with("gate")) {
            tensor = torch::full_like(tensor, 2);
          }
        }
        return bundle;
      }(),
      {});
  ASSERT_THAT(model, IsOk());
  const PerceivedImage open = std::move((*model)->Perceive({{photo_.get(), true}})[0]);
  const PerceivedImage off = std::move((*model)->Perceive({{photo_.get(), false}})[0]);
  ASSERT_FALSE(open.detections.empty());
  EXPECT_NE(open.detections[0].score, off.detections[0].score);
  ExpectIdentical(off.detections, See(false).detections);
}

TEST_F(MrMllmTest, ALookAgainAtRegionsInABatchIsThatAtEachAlone) {
  const PerceivedImage first = See(true);
  const std::vector<NormalizedBox> left = {{0, 0, 0.6f, 0.6f}, {0, 0.4f, 0.6f, 1}};
  const std::vector<NormalizedBox> right = {{0.4f, 0.1f, 1, 0.9f}};
  const auto batch =
      model_->LookAgain({{photo_.get(), &first, true, left}, {photo_.get(), &first, true, right}});
  ASSERT_EQ(batch.size(), 2u);
  const auto of_left = model_->LookAgain({{photo_.get(), &first, true, left}});
  const auto of_right = model_->LookAgain({{photo_.get(), &first, true, right}});
  ExpectIdentical(batch[0].seen.detections, of_left[0].seen.detections);
  ExpectIdentical(batch[1].seen.detections, of_right[0].seen.detections);
  const auto new_box = [](const Detection& detection) { return detection.from_second_look; };
  EXPECT_TRUE(
      std::any_of(batch[0].seen.detections.begin(), batch[0].seen.detections.end(), new_box));
}

TEST_F(MrMllmTest, AClosedGateLeavesASecondLookTheDetectorsOwn) {
  const std::vector<NormalizedBox> regions = {{0.2f, 0.2f, 0.9f, 0.9f}};
  model_->set_compute_closed_paths(true);
  const PerceivedImage with_queries = See(true);
  const auto reinforced = model_->LookAgain({{photo_.get(), &with_queries, true, regions}});
  model_->set_compute_closed_paths(false);
  EXPECT_TRUE(reinforced[0].seen.q_shared.defined());
  const PerceivedImage plain = See(true);
  const auto look = model_->LookAgain({{photo_.get(), &plain, true, regions}});
  ExpectIdentical(reinforced[0].seen.detections, look[0].seen.detections);
}

TEST_F(MrMllmTest, ARegionThatIsTheWholeImageShowsWhatTheFirstLookSaw) {
  const PerceivedImage first = See(true);
  const std::vector<NormalizedBox> whole = {{0, 0, 1, 1}};
  const auto look = model_->LookAgain({{photo_.get(), &first, true, whole}});
  const auto has = [](const std::vector<Detection>& detections, const Detection& wanted) {
    return std::any_of(detections.begin(), detections.end(), [&](const Detection& detection) {
      return detection.label == wanted.label &&
             IntersectionOverUnion(detection.box, wanted.box) > 0.5f;
    });
  };
  for (const Detection& detection : first.detections) {
    EXPECT_TRUE(!detection.sure || has(look[0].seen.detections, detection)) << detection.label;
  }
  int clear = 0;
  for (const Detection& detection : look[0].seen.detections) {
    if (!detection.from_second_look || detection.score < 0.5f) continue;
    EXPECT_TRUE(has(first.detections, detection)) << detection.label;
    ++clear;
  }
  EXPECT_GT(clear, 0);
}

TEST_F(MrMllmTest, AQuestionGuidesTheSecondLookByNamesAndGroups) {
  std::vector<Detection> first(2);
  first[0] = {.box = {0.1f, 0.1f, 0.12f, 0.13f}, .label = "person", .score = 0.5f, .sure = true};
  first[1] = {.box = {0.85f, 0.85f, 0.88f, 0.88f}, .label = "dog", .score = 0.25f};
  for (Detection& detection : first) {
    const auto& labels = bundle_->config.detector.labels;
    detection.class_id =
        static_cast<int>(std::find(labels.begin(), labels.end(), detection.label) - labels.begin());
  }
  MrMllm::SecondLookQuery query{.width = 1280,
                                .height = 960,
                                .detail_side = 1280,
                                .settings = {SecondLookMode::kAutomatic, 1}};
  const auto looks_at = [&](const Detection& detection) {
    const auto regions = model_->PlanSecondLook(first, query);
    return !regions.empty() && regions[0].x_min <= detection.box.x_min &&
           regions[0].x_max >= detection.box.x_max && regions[0].y_max >= detection.box.y_max;
  };
  query.question = "Are there any animals?";
  EXPECT_TRUE(looks_at(first[1]));
  query.question = "How many men are there?";
  EXPECT_TRUE(looks_at(first[0]));
  query.question = "";
  const std::vector<std::string> classes = {"dog"};
  query.classes = classes;
  EXPECT_TRUE(looks_at(first[1]));
}

TEST_F(MrMllmTest, ThePromptMechanismAddsWhatWasSeen) {
  const PerceivedImage seen = See(true);
  Question question;
  question.images = {&seen};
  question.text = "What is in the image?";
  auto with_prompt = model_->Start(question).value();
  question.mechanisms.perception_prompt = false;
  auto without = model_->Start(question).value();
  EXPECT_GT(with_prompt->usage().perception_tokens, 0);
  EXPECT_LE(with_prompt->usage().perception_tokens, bundle_->config.prompt.max_perception_tokens);
  EXPECT_EQ(without->usage().perception_tokens, 0);
  EXPECT_GT(with_prompt->usage().prompt_tokens, without->usage().prompt_tokens);
}

TEST_F(MrMllmTest, APromptIsSharedOnlyWithWhatItReadsOfItsImages) {
  const PerceivedImage dogs = See(true);
  PerceivedImage other;
  other.detections = dogs.detections;
  other.q_shared = torch::randn({1, 1});
  const auto cached = [&](const PerceivedImage& seen, bool compute) {
    model_->set_compute_closed_paths(compute);
    Question question;
    question.images = {&seen};
    question.text = "What is in the image, and where is all of it?";
    question.generation.max_new_tokens = 1;
    question.cache_salt = "images";
    auto answer = model_->Start(question).value();
    EXPECT_TRUE(answer->Reserve());
    const int tokens = answer->usage().cached_tokens;
    EXPECT_EQ(answer->pending_prompt_tokens(), answer->usage().prompt_tokens - tokens);
    model_->Advance({{answer.get(), 512}});
    model_->set_compute_closed_paths(false);
    return tokens;
  };
  EXPECT_EQ(cached(dogs, false), 0);
  EXPECT_GT(cached(dogs, false), 0);
  EXPECT_GT(cached(other, false), 0) << "with every gate closed the decoder reads no features";
  model_->set_compute_closed_paths(true);
  const PerceivedImage with_queries = See(true);
  PerceivedImage changed = with_queries;
  changed.q_shared = with_queries.q_shared + 1;
  EXPECT_EQ(cached(with_queries, true), 0);
  EXPECT_GT(cached(with_queries, true), 0);
  EXPECT_EQ(cached(changed, true), 0);
}

TEST_F(MrMllmTest, RefusesWhatThePoolCouldNeverHold) {
  const size_t block = KvPool::BlockBytes(bundle_->config.language_model, at::kFloat);
  auto model = MrMllm::Load(*bundle_, {.dtype = "float32", .kv_cache_bytes = 10 * block});
  ASSERT_THAT(model, IsOk());
  EXPECT_EQ((*model)->kv_pool().blocks().count(), 10);
  Question question;
  question.text = "Who are you?";
  question.generation.max_new_tokens = 200;
  EXPECT_THAT((*model)->Start(question),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(testing::HasSubstr("at most 160 tokens"),
                                      testing::HasSubstr("max_new_tokens"))));
  question.generation.max_new_tokens = 100;
  EXPECT_THAT((*model)->Start(question), IsOk());
}

TEST_F(MrMllmTest, NamesATensorThatTheBundleLacks) {
  Bundle bundle = *bundle_;
  bundle.tensors.erase("fusion.query_fusion.queries");
  EXPECT_THAT(MrMllm::Load(bundle, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("fusion.query_fusion.queries")));
}

TEST_F(MrMllmTest, RefusesATensorOfNoPart) {
  Bundle bundle = *bundle_;
  bundle.tensors["stray"] = torch::zeros({1});
  EXPECT_THAT(MrMllm::Load(bundle, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("stray")));
}

}  // namespace
}  // namespace mrmllm
