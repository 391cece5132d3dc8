// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/request_validation.h"

#include <functional>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class RequestValidationTest : public testing::Test {
 protected:
  RequestValidationTest() {
    info_.labels = {"dog", "cat"};
    rules_ = {.max_images_per_request = 2, .engine = &info_};
  }

  static v1::AskRequest Question() {
    v1::AskRequest request;
    request.set_question("What?");
    return request;
  }
  static v1::DetectRequest OneImage() {
    v1::DetectRequest request;
    request.add_images()->set_content("bytes");
    return request;
  }

  EngineInfo info_;
  ValidationRules rules_;
};

struct Boundary {
  std::string field;
  std::function<void(v1::AskRequest*)> inside;
  std::function<void(v1::AskRequest*)> outside;
};

TEST_F(RequestValidationTest, EveryLimitHoldsOnBothSides) {
  const auto text = [](int bytes) { return std::string(bytes, 'x'); };
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  using R = v1::AskRequest;
  const Boundary table[] = {
      {"question", [&](R* r) { r->set_question(text(kMaxQuestionBytes)); },
       [&](R* r) { r->set_question(text(kMaxQuestionBytes + 1)); }},
      {"question", [&](R* r) { r->set_question("?"); }, [&](R* r) { r->clear_question(); }},
      {"generation.max_new_token_count",
       [&](R* r) { r->mutable_generation()->set_max_new_token_count(kMaxNewTokens); },
       [&](R* r) { r->mutable_generation()->set_max_new_token_count(kMaxNewTokens + 1); }},
      {"generation.max_new_token_count",
       [&](R* r) { r->mutable_generation()->set_max_new_token_count(1); },
       [&](R* r) { r->mutable_generation()->set_max_new_token_count(-1); }},
      {"generation.temperature", [&](R* r) { r->mutable_generation()->set_temperature(2.0f); },
       [&](R* r) { r->mutable_generation()->set_temperature(2.01f); }},
      {"generation.temperature", [&](R* r) { r->mutable_generation()->set_temperature(0.0f); },
       [&](R* r) { r->mutable_generation()->set_temperature(-0.01f); }},
      {"generation.temperature", [&](R* r) { r->mutable_generation()->set_temperature(0.5f); },
       [&](R* r) { r->mutable_generation()->set_temperature(nan); }},
      {"generation.top_p", [&](R* r) { r->mutable_generation()->set_top_p(1.0f); },
       [&](R* r) { r->mutable_generation()->set_top_p(1.01f); }},
      {"generation.top_p", [&](R* r) { r->mutable_generation()->set_top_p(0.001f); },
       [&](R* r) { r->mutable_generation()->set_top_p(0.0f); }},
      {"generation.top_k", [&](R* r) { r->mutable_generation()->set_top_k(kMaxTopK); },
       [&](R* r) { r->mutable_generation()->set_top_k(kMaxTopK + 1); }},
      {"generation.top_k", [&](R* r) { r->mutable_generation()->set_top_k(0); },
       [&](R* r) { r->mutable_generation()->set_top_k(-1); }},
      {"generation.repetition_penalty",
       [&](R* r) { r->mutable_generation()->set_repetition_penalty(2.0f); },
       [&](R* r) { r->mutable_generation()->set_repetition_penalty(2.01f); }},
      {"generation.repetition_penalty",
       [&](R* r) { r->mutable_generation()->set_repetition_penalty(1.0f); },
       [&](R* r) { r->mutable_generation()->set_repetition_penalty(0.99f); }},
      {"generation.stop[0]", [&](R* r) { r->mutable_generation()->add_stop(text(kMaxStopBytes)); },
       [&](R* r) { r->mutable_generation()->add_stop(text(kMaxStopBytes + 1)); }},
      {"generation.stop[0]", [&](R* r) { r->mutable_generation()->add_stop("x"); },
       [&](R* r) { r->mutable_generation()->add_stop(""); }},
      {"generation.stop",
       [&](R* r) {
         for (int i = 0; i < kMaxStopStrings; ++i) r->mutable_generation()->add_stop("x");
       },
       [&](R* r) {
         for (int i = 0; i <= kMaxStopStrings; ++i) r->mutable_generation()->add_stop("x");
       }},
      {"perception.score_threshold",
       [&](R* r) { r->mutable_perception()->set_score_threshold(1.0f); },
       [&](R* r) { r->mutable_perception()->set_score_threshold(1.01f); }},
      {"perception.score_threshold",
       [&](R* r) { r->mutable_perception()->set_score_threshold(0.0f); },
       [&](R* r) { r->mutable_perception()->set_score_threshold(-0.01f); }},
      {"perception.max_object_count",
       [&](R* r) { r->mutable_perception()->set_max_object_count(kMaxObjects); },
       [&](R* r) { r->mutable_perception()->set_max_object_count(kMaxObjects + 1); }},
      {"perception.max_object_count",
       [&](R* r) { r->mutable_perception()->set_max_object_count(1); },
       [&](R* r) { r->mutable_perception()->set_max_object_count(-1); }},
      {"perception.classes[0]", [&](R* r) { r->mutable_perception()->add_classes("cat"); },
       [&](R* r) { r->mutable_perception()->add_classes("Cat"); }},
      {"perception.classes",
       [&](R* r) {
         for (int i = 0; i < kMaxClasses; ++i) r->mutable_perception()->add_classes("cat");
       },
       [&](R* r) {
         for (int i = 0; i <= kMaxClasses; ++i) r->mutable_perception()->add_classes("cat");
       }},
      {"perception.second_look.max_crop_count",
       [&](R* r) { r->mutable_perception()->mutable_second_look()->set_max_crop_count(kMaxCrops); },
       [&](R* r) {
         r->mutable_perception()->mutable_second_look()->set_max_crop_count(kMaxCrops + 1);
       }},
      {"perception.second_look.max_crop_count",
       [&](R* r) { r->mutable_perception()->mutable_second_look()->set_max_crop_count(0); },
       [&](R* r) { r->mutable_perception()->mutable_second_look()->set_max_crop_count(-1); }},
      {"scheduling.priority",
       [&](R* r) { r->mutable_scheduling()->set_priority(v1::PRIORITY_LOW); },
       [&](R* r) { r->mutable_scheduling()->set_priority(static_cast<v1::Priority>(4)); }},
      {"scheduling.priority",
       [&](R* r) { r->mutable_scheduling()->set_priority(v1::PRIORITY_UNSPECIFIED); },
       [&](R* r) { r->mutable_scheduling()->set_priority(static_cast<v1::Priority>(-1)); }},
      {"images",
       [&](R* r) {
         for (int i = 0; i < 2; ++i) r->add_images()->set_content("x");
       },
       [&](R* r) {
         for (int i = 0; i < 3; ++i) r->add_images()->set_content("x");
       }},
  };
  for (const Boundary& boundary : table) {
    v1::AskRequest inside = Question();
    boundary.inside(&inside);
    EXPECT_THAT(ParseAsk(inside, rules_), IsOk()) << boundary.field;
    v1::AskRequest outside = Question();
    boundary.outside(&outside);
    EXPECT_THAT(ParseAsk(outside, rules_),
                StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(boundary.field + ": ")));
  }
}

TEST_F(RequestValidationTest, DefaultsAreTheContracts) {
  const auto parsed = ParseAsk(Question(), rules_);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->answer->generation.max_new_tokens, kDefaultNewTokens);
  EXPECT_EQ(parsed->answer->generation.temperature, 0);
  EXPECT_EQ(parsed->answer->generation.top_p, 1);
  EXPECT_EQ(parsed->perception.max_objects, kDefaultObjects);
  EXPECT_EQ(parsed->perception.score_threshold, std::nullopt);
  EXPECT_TRUE(parsed->perception.enabled);
  EXPECT_EQ(parsed->perception.mechanisms, Mechanisms());
  EXPECT_EQ(parsed->priority, Priority::kNormal);
  EXPECT_FALSE(parsed->may_degrade);
}

TEST_F(RequestValidationTest, DetectNeedsAnImageAndPerception) {
  EXPECT_OK(ParseDetect(OneImage(), rules_));
  EXPECT_THAT(ParseDetect({}, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 2 images, got 0")));
  v1::DetectRequest off = OneImage();
  off.mutable_perception()->set_enabled(false);
  EXPECT_THAT(ParseDetect(off, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("perception.enabled: ")));
}

TEST_F(RequestValidationTest, PerceiveAndAnswerWithoutPerceptionIsAnAsk) {
  v1::PerceiveAndAnswerRequest request;
  request.add_images()->set_content("x");
  request.set_question("What?");
  EXPECT_OK(ParsePerceiveAndAnswer(request, rules_));
  request.mutable_perception()->set_enabled(false);
  EXPECT_THAT(ParsePerceiveAndAnswer(request, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Ask answers without")));
  v1::AskRequest ask = Question();
  ask.mutable_perception()->set_enabled(false);
  EXPECT_OK(ParseAsk(ask, rules_));
}

TEST_F(RequestValidationTest, StreamsNameFieldsFromTheOuterMessage) {
  EXPECT_THAT(ParseAskStream({}, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("ask: ")));
  v1::AskStreamRequest empty_ask;
  empty_ask.mutable_ask();
  EXPECT_THAT(ParseAskStream(empty_ask, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("ask.question: ")));
  EXPECT_THAT(ParsePerceiveAndAnswerStream({}, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("request: ")));
}

TEST_F(RequestValidationTest, EveryRequestHasItsUrgency) {
  v1::DetectRequest detect = OneImage();
  detect.mutable_scheduling()->set_priority(v1::PRIORITY_HIGH);
  EXPECT_EQ(ParseDetect(detect, rules_)->priority, Priority::kHigh);
  v1::AskRequest ask = Question();
  ask.mutable_scheduling()->set_priority(v1::PRIORITY_LOW);
  EXPECT_EQ(ParseAsk(ask, rules_)->priority, Priority::kLow);
  v1::PerceiveAndAnswerStreamRequest both;
  both.mutable_request()->add_images()->set_content("x");
  both.mutable_request()->set_question("What?");
  both.mutable_request()->mutable_scheduling()->set_priority(static_cast<v1::Priority>(9));
  EXPECT_THAT(ParsePerceiveAndAnswerStream(both, rules_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("request.scheduling.priority: expected PRIORITY_HIGH")));
}

TEST_F(RequestValidationTest, OnlyBoxesWithAnAnswerCanDoWithoutTheAnswer) {
  v1::PerceiveAndAnswerRequest request;
  request.add_images()->set_content("x");
  request.set_question("What?");
  EXPECT_FALSE(ParsePerceiveAndAnswer(request, rules_)->may_degrade);
  request.set_allow_degraded(true);
  EXPECT_TRUE(ParsePerceiveAndAnswer(request, rules_)->may_degrade);
  EXPECT_EQ(v1::AskRequest::descriptor()->FindFieldByName("allow_degraded"), nullptr);
}

TEST_F(RequestValidationTest, FramesKeepTheSettingsOfTheFrameBefore) {
  FrameSettings settings;
  v1::DetectStreamRequest frame;
  frame.mutable_image()->set_content("x");
  EXPECT_EQ(ParseFrame(frame, rules_, &settings)->perception.max_objects, kDefaultObjects);
  frame.mutable_perception()->set_score_threshold(0.25f);
  frame.mutable_scheduling()->set_priority(v1::PRIORITY_LOW);
  ASSERT_OK(ParseFrame(frame, rules_, &settings));
  frame.clear_perception();
  frame.clear_scheduling();
  const auto parsed = ParseFrame(frame, rules_, &settings);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->perception.score_threshold, 0.25f);
  EXPECT_EQ(parsed->priority, Priority::kLow);
}

TEST_F(RequestValidationTest, FramesAreLookedAtAgainOnlyWhereTheySaySo) {
  rules_.second_look.mode = SecondLookMode::kAlways;
  FrameSettings settings;
  v1::DetectStreamRequest frame;
  frame.mutable_image()->set_content("x");
  EXPECT_EQ(ParseFrame(frame, rules_, &settings)->perception.second_look.mode,
            SecondLookMode::kOff);
  frame.mutable_perception()->set_score_threshold(0.25f);
  EXPECT_EQ(ParseFrame(frame, rules_, &settings)->perception.second_look.mode,
            SecondLookMode::kOff);
  frame.mutable_perception()->mutable_second_look()->set_mode(v1::SECOND_LOOK_MODE_AUTOMATIC);
  EXPECT_EQ(ParseFrame(frame, rules_, &settings)->perception.second_look.mode,
            SecondLookMode::kAutomatic);
}

TEST_F(RequestValidationTest, ABadFrameChangesNoSettings) {
  FrameSettings settings{.perception = {.score_threshold = 0.25f}};
  v1::DetectStreamRequest frame;
  frame.mutable_perception()->set_score_threshold(0.75f);
  frame.mutable_scheduling()->set_priority(v1::PRIORITY_HIGH);
  EXPECT_THAT(ParseFrame(frame, rules_, &settings),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("image: ")));
  EXPECT_EQ(settings.perception.score_threshold, 0.25f);
  EXPECT_EQ(settings.priority, Priority::kNormal);
}

TEST_F(RequestValidationTest, ReleaseImagesTakesAFewIdsAtATime) {
  v1::ReleaseImagesRequest request;
  EXPECT_THAT(CheckReleaseImages(request),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("image_ids: expected 1 to")));
  const std::string id = "0123456789abcdef";
  for (int i = 0; i < kMaxReleasedIds; ++i) request.add_image_ids(id);
  EXPECT_OK(CheckReleaseImages(request));
  request.add_image_ids(id);
  EXPECT_THAT(CheckReleaseImages(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RequestValidationTest, TextBytesCountQuestionAndTurns) {
  v1::AskRequest request = Question();
  for (v1::Role role : {v1::ROLE_USER, v1::ROLE_ASSISTANT}) {
    request.add_turns()->set_role(role);
    request.mutable_turns()->rbegin()->set_text("four");
  }
  EXPECT_EQ(ParseAsk(request, rules_)->text_bytes(), 5u + 8u);
}

}  // namespace
}  // namespace mrmllm
