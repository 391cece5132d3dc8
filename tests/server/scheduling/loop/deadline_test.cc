// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a request whose time runs out.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Every step takes a second.
class DeadlineTest : public ExecutorFixture {
 protected:
  DeadlineTest() : ExecutorFixture({.max_prefill_tokens = 100}) {
    engine_.SetStepDuration(&clock_, absl::Seconds(1));
    engine_.SetPromptTokens("Q", 100);
    engine_.SetAnswer("Q", std::vector<std::string>(5, "x"));
  }

  // Five tokens after one step for the image and one for the prompt, which brings the first.
  RequestBuilder Question() { return NewRequest().Image(1, 1).Question("Q", 5); }
  absl::Time In(int seconds) { return clock_.Now() + absl::Seconds(seconds); }
  // Enough of everything to know what it costs.
  void LearnCosts() {
    for (int i = 0; i < 3; ++i) {
      Add(Question());
      TakeAllSteps();
    }
  }
};

TEST_F(DeadlineTest, AnswerThatCannotBeFinishedIsLeftOutBeforeItIsBegun) {
  LearnCosts();
  auto heard = Add(Question().Deadline(In(4)).MayDegrade());
  TakeStep();
  const size_t steps = engine_.steps().size();
  TakeAllSteps();
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_TRUE(heard->result().degraded);
  EXPECT_THAT(heard->perceived(), SizeIs(1));
  EXPECT_THAT(heard->texts(), IsEmpty());
  EXPECT_THAT(engine_.steps(), SizeIs(steps));
}

TEST_F(DeadlineTest, AnswerThatCanBeFinishedIsNotLeftOut) {
  LearnCosts();
  auto heard = Add(Question().Deadline(In(7)).MayDegrade());
  TakeAllSteps();
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_FALSE(heard->result().degraded);
  EXPECT_EQ(heard->result().answer, "xxxxx");
}

TEST_F(DeadlineTest, AnswerIsLeftOutWhileItWaitsForItsTurn) {
  LearnCosts();
  engine_.SetKvPool(20, 10);
  engine_.SetPromptTokens("long", 100);
  engine_.SetAnswer("long", std::vector<std::string>(50, "x"));
  Add(NewRequest().Question("long", 50));
  TakeStep();
  const absl::Time deadline = In(20);
  auto heard = Add(Question().Deadline(deadline).MayDegrade());
  while (!heard->done()) TakeStep();
  EXPECT_TRUE(heard->result().degraded);
  EXPECT_LT(clock_.Now(), deadline);
}

TEST_F(DeadlineTest, WithoutLeaveToDegradeItIsTooLate) {
  LearnCosts();
  auto heard = Add(Question().Deadline(In(4)));
  TakeAllSteps();
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(heard->result().degraded);
}

TEST_F(DeadlineTest, BeforeTheFirstTextTheEndIsWithoutTheAnswerAlsoWhenNothingWasMeasured) {
  engine_.SetPromptTokens("Q", 1000);
  auto heard = Add(Question().Deadline(In(3)).MayDegrade());
  TakeAllSteps();
  EXPECT_THAT(heard->status(), IsOk());
  EXPECT_TRUE(heard->result().degraded);
}

TEST_F(DeadlineTest, AfterTheFirstTextTheAnswerIsCutShortAndSaidToBe) {
  auto heard = Add(Question().Deadline(In(3)).MayDegrade());
  TakeAllSteps();
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(heard->result().answer, "xx");
  EXPECT_FALSE(heard->result().degraded);
}

TEST_F(DeadlineTest, WithoutPerceptionsThereIsNothingToDegradeTo) {
  auto heard = Add(Question().Image(2, 2).Deadline(In(0)).MayDegrade());
  auto blind = Add(NewRequest().Question("Q").Deadline(In(0)).MayDegrade());
  TakeAllSteps();
  EXPECT_THAT(heard->status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(blind->status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace mrmllm
