// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_parameters.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class InferParametersTest : public testing::Test {
 protected:
  InferParametersTest() { engine_.labels = {"dog", "wine glass"}; }

  inference::InferParameter& At(const std::string& name) { return parameters_[name]; }
  InferSettings Read() { return ReadParameters(parameters_, rules_, &checks_); }
  std::string Fault() {
    Read();
    return std::string(checks_.ToStatus().message());
  }

  EngineInfo engine_;
  ValidationRules rules_{.engine = &engine_};
  InferParameters parameters_;
  FieldChecks checks_;
};

TEST_F(InferParametersTest, NoneAreTheDefaultsOfTheContract) {
  const InferSettings settings = Read();
  EXPECT_TRUE(checks_.ok());
  EXPECT_FALSE(settings.perception.score_threshold.has_value());
  EXPECT_EQ(settings.perception.max_objects, 100);
  EXPECT_EQ(settings.generation.max_new_tokens, 128);
  EXPECT_EQ(settings.priority, Priority::kNormal);
  EXPECT_FALSE(settings.may_degrade);
  EXPECT_EQ(settings.timeout, absl::InfiniteDuration());
}

TEST_F(InferParametersTest, EachReachesItsSetting) {
  At("score_threshold").set_double_param(0.5);
  At("max_object_count").set_int64_param(7);
  At("classes").set_string_param("wine glass,dog");
  At("second_look").set_string_param("always");
  At("max_new_token_count").set_int64_param(9);
  At("temperature").set_double_param(0.25);
  At("top_p").set_double_param(0.75);
  At("top_k").set_uint64_param(11);
  At("repetition_penalty").set_double_param(1.5);
  At("seed").set_int64_param(-3);
  At("stop").set_string_param("\n");
  At("allow_degraded").set_bool_param(true);
  At("timeout").set_int64_param(1500);
  const InferSettings settings = Read();
  ASSERT_TRUE(checks_.ok()) << checks_.ToStatus();
  EXPECT_EQ(settings.perception.score_threshold, 0.5f);
  EXPECT_EQ(settings.perception.max_objects, 7);
  EXPECT_THAT(settings.perception.classes, ElementsAre("wine glass", "dog"));
  EXPECT_EQ(settings.perception.second_look.mode, SecondLookMode::kAlways);
  EXPECT_EQ(settings.generation.max_new_tokens, 9);
  EXPECT_EQ(settings.generation.temperature, 0.25f);
  EXPECT_EQ(settings.generation.top_p, 0.75f);
  EXPECT_EQ(settings.generation.top_k, 11);
  EXPECT_EQ(settings.generation.repetition_penalty, 1.5f);
  EXPECT_EQ(settings.generation.seed, static_cast<uint64_t>(-3));
  EXPECT_THAT(settings.generation.stop, ElementsAre("\n"));
  EXPECT_TRUE(settings.may_degrade);
  EXPECT_EQ(settings.timeout, absl::Microseconds(1500));
}

TEST_F(InferParametersTest, TheAnswersLengthHasTwoNames) {
  At("max_new_tokens").set_int64_param(5);
  EXPECT_EQ(Read().generation.max_new_tokens, 5);
}

TEST_F(InferParametersTest, AWholeNumberIsANumber) {
  At("score_threshold").set_int64_param(1);
  EXPECT_EQ(Read().perception.score_threshold, 1.0f);
}

TEST_F(InferParametersTest, PriorityIsTritonsNumberOrAWord) {
  At("priority").set_uint64_param(1);
  EXPECT_EQ(Read().priority, Priority::kHigh);
  At("priority").set_uint64_param(3);
  EXPECT_EQ(Read().priority, Priority::kLow);
  At("priority").set_string_param("high");
  EXPECT_EQ(Read().priority, Priority::kHigh);
  At("priority").set_string_param("normal");
  EXPECT_EQ(Read().priority, Priority::kNormal);
  At("priority").set_string_param("low");
  EXPECT_EQ(Read().priority, Priority::kLow);
  EXPECT_TRUE(checks_.ok());
}

TEST_F(InferParametersTest, RefusesUnknownPriorities) {
  At("priority").set_uint64_param(std::numeric_limits<uint64_t>::max());
  EXPECT_THAT(Fault(), StartsWith("parameters.priority: expected"));
  FieldChecks checks;
  At("priority").set_string_param("urgent");
  ReadParameters(parameters_, rules_, &checks);
  EXPECT_THAT(std::string(checks.ToStatus().message()), HasSubstr("got 'urgent'"));
}

TEST_F(InferParametersTest, AnUnknownOneIsNamedBesideTheKnown) {
  At("max_tokens").set_int64_param(5);
  EXPECT_THAT(Fault(), StartsWith("parameters['max_tokens']: expected one of score_threshold, "));
}

TEST_F(InferParametersTest, AValueOfTheWrongTypeIsNamed) {
  At("score_threshold").set_string_param("high");
  EXPECT_EQ(Fault(), "parameters.score_threshold: expected a number, got 'high'");
}

TEST_F(InferParametersTest, EveryParameterRefusesAValueOfTheWrongType) {
  for (const char* name :
       {"score_threshold", "max_object_count", "max_new_token_count", "max_new_tokens",
        "temperature", "top_p", "top_k", "repetition_penalty", "seed", "priority", "timeout",
        "classes", "second_look", "stop", "allow_degraded"}) {
    InferParameters parameters;
    parameters[name];  // set to nothing
    FieldChecks checks;
    ReadParameters(parameters, rules_, &checks);
    EXPECT_THAT(std::string(checks.ToStatus().message()), HasSubstr("got nothing")) << name;
  }
}

TEST_F(InferParametersTest, RangesAreThoseOfTheContract) {
  At("max_new_token_count").set_int64_param(5000);
  EXPECT_EQ(Fault(), "parameters.max_new_token_count: expected 1 to 2048, got 5000");
}

TEST_F(InferParametersTest, NumbersBeyond32BitsStayOutOfRange) {
  At("max_new_token_count").set_int64_param((int64_t{1} << 32) + 1);
  EXPECT_THAT(Fault(), HasSubstr("expected 1 to 2048, got 2147483647"));
}

TEST_F(InferParametersTest, RefusesWhatIsNoNumber) {
  At("temperature").set_double_param(std::nan(""));
  EXPECT_THAT(Fault(), HasSubstr("parameters.temperature: expected a number in [0, 2]"));
}

TEST_F(InferParametersTest, RefusesAnUnknownClass) {
  At("classes").set_string_param("dog,unicorn");
  EXPECT_THAT(Fault(), HasSubstr("parameters.classes[1]"));
}

TEST_F(InferParametersTest, RefusesMoreClassesThanMayBe) {
  At("classes").set_string_param(std::string(1'000'000, ','));
  EXPECT_THAT(Fault(), HasSubstr("expected at most 300 labels, got 301"));
}

TEST_F(InferParametersTest, ATimeoutIsNotNegative) {
  At("timeout").set_int64_param(-1);
  EXPECT_THAT(Fault(), StartsWith("parameters.timeout: expected 0 to"));
}

}  // namespace
}  // namespace mrmllm
