// SPDX-License-Identifier: Apache-2.0
//
// What tenants, classes and kinds of request are owed while more comes than the engine can do.
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/scheduling/sharing/service_order.h"
#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using Weights = absl::flat_hash_map<std::string, double>;

// Numbers for a seed: the options are drawn before anything else is made.
class FairnessTest : public ExecutorFixture, public testing::WithParamInterface<int> {
 protected:
  FairnessTest() : ExecutorFixture(RandomOptions(GetParam())) {
    engine_.SetStepDuration(&clock_, StepKind::kPerceive, absl::Milliseconds(5),
                            absl::Milliseconds(10));
    engine_.SetStepDuration(&clock_, StepKind::kPrefill, absl::Milliseconds(5),
                            absl::Milliseconds(1));
    engine_.SetStepDuration(&clock_, StepKind::kDecode, absl::Milliseconds(20),
                            absl::Milliseconds(1));
  }

  static Scheduler::Options RandomOptions(int seed) {
    std::mt19937 random(static_cast<uint32_t>(seed));
    Weights weights;
    for (const std::string& tenant : Tenants()) {
      weights[tenant] = std::uniform_int_distribution<int>(1, 4)(random);
    }
    return {.max_batch_images = std::uniform_int_distribution<int>(1, 8)(random),
            .max_running_sequences = std::uniform_int_distribution<int>(1, 8)(random),
            .max_prefill_tokens = 256,
            .tenant_weights = weights};
  }
  static std::vector<std::string> Tenants() { return {"a", "b", "c"}; }

  int Draw(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  // Whose it is can be read off a question's first letter and an image's width.
  RequestBuilder RandomAnswer(const std::string& tenant) {
    const std::string question = absl::StrCat(tenant, ++questions_);
    engine_.SetPromptTokens(question, Draw(20, 200));
    const int tokens = Draw(1, 30);
    engine_.SetAnswer(question, std::vector<std::string>(tokens, "x"));
    return NewRequest().Tenant(tenant).Question(question, tokens + Draw(0, 10));
  }
  RequestBuilder RandomRequest(const std::string& tenant) {
    const int kind = Draw(0, 2);
    RequestBuilder request = kind == 0 ? NewRequest().Tenant(tenant) : RandomAnswer(tenant);
    if (kind < 2) request.Image(1 + tenant[0] - 'a', 1);
    return request;
  }

  // Keeps so many requests of the tenant open.
  template <typename MakeRequest>
  void TopUp(const std::string& tenant, size_t count, MakeRequest make) {
    std::vector<std::shared_ptr<RecordingListener>>& open = open_[tenant];
    std::erase_if(open, [](const auto& heard) { return heard->done(); });
    while (open.size() < count) open.push_back(Add(make(tenant)));
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
  std::map<std::string, std::vector<std::shared_ptr<RecordingListener>>> open_;
  int questions_ = 0;
};

// Adds up what each tenant had of the steps.
class EngineTime {
 public:
  void Count(const FakeEngine::Step& step, absl::Duration took) {
    const double seconds = absl::ToDoubleSeconds(took);
    for (const auto& [width, height] : step.images) {
      Add(static_cast<char>('a' + width - 1), seconds / static_cast<double>(step.images.size()));
    }
    double units = 0;
    for (size_t i = 0; i < step.questions.size(); ++i) units += UnitsOf(step, i);
    for (size_t i = 0; i < step.questions.size(); ++i) {
      Add(step.questions[i][0], seconds * UnitsOf(step, i) / units);
    }
  }
  double ShareOf(const std::string& tenant) { return seconds_[tenant[0]] / total_; }

 private:
  static double UnitsOf(const FakeEngine::Step& step, size_t i) {
    return step.kind == StepKind::kPrefill ? step.prompt_tokens[i] : 1;
  }
  void Add(char tenant, double seconds) {
    seconds_[tenant] += seconds;
    total_ += seconds;
  }
  std::map<char, double> seconds_;
  double total_ = 0;
};

TEST_P(FairnessTest, SharesOfBackloggedTenantsFollowTheirWeights) {
  EngineTime had;
  const absl::Time end = clock_.Now() + absl::Minutes(5);
  while (clock_.Now() < end) {
    for (const std::string& tenant : Tenants()) {
      TopUp(tenant, 30, [&](const std::string& of) { return RandomRequest(of); });
    }
    const absl::Time began = clock_.Now();
    ASSERT_TRUE(TakeStep());
    had.Count(LastStep(), clock_.Now() - began);
  }
  double weights = 0;
  for (const auto& [tenant, weight] : options_.tenant_weights) weights += weight;
  for (const auto& [tenant, weight] : options_.tenant_weights) {
    EXPECT_NEAR(had.ShareOf(tenant), weight / weights, 0.05 * weight / weights) << tenant;
  }
}

// Whether those that keep coming are another's or its own, with or without deadlines.
TEST_P(FairnessTest, LowPriorityEndsWhileHighPriorityKeepsComing) {
  const bool own = GetParam() % 2 == 0;
  const bool with_deadlines = GetParam() % 4 < 2;
  const absl::Duration bound = kPatience + 2 * options_.priority_ageing + absl::Seconds(10);
  const auto flood = [&](const std::string& tenant) {
    RequestBuilder request = RandomRequest(tenant).Urgency(Priority::kHigh);
    if (with_deadlines) request.Deadline(clock_.Now() + absl::Seconds(20));
    return request;
  };
  for (int i = 0; i < 50; ++i) {
    TopUp("a", 20, flood);
    ASSERT_TRUE(TakeStep());
  }
  auto low = Add(RandomAnswer(own ? "a" : "b").Image(2, 2).Urgency(Priority::kLow));
  const absl::Time began = clock_.Now();
  while (!low->done() && clock_.Now() < began + bound) {
    TopUp("a", 20, flood);
    ASSERT_TRUE(TakeStep());
  }
  EXPECT_TRUE(low->done());
  EXPECT_THAT(low->status(), IsOk());
}

// News is taken in between steps: with the one that ran when the image came, and one more, that is
// two.
TEST_P(FairnessTest, DetectWaitsForTwoStepsAtMostWhileAnswersSaturateTheEngine) {
  for (int i = 0; i < 200; ++i) {
    TopUp("b", 40, [&](const std::string& of) { return RandomAnswer(of); });
    for (int steps = Draw(0, 5); steps > 0; --steps) ASSERT_TRUE(TakeStep());
    auto detect = Add(NewRequest().Tenant("a").Image(1, 1));
    for (int steps = 0; !detect->done(); ++steps) {
      ASSERT_LT(steps, 2) << "round " << i;
      ASSERT_TRUE(TakeStep());
    }
    EXPECT_THAT(detect->status(), IsOk());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FairnessTest, testing::Range(0, 12));

}  // namespace
}  // namespace mrmllm
