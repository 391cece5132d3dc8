// SPDX-License-Identifier: Apache-2.0
//
// Requests that wait for the same image.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/loop/executor_fixture.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Pair;
using testing::SizeIs;

class SingleFlightTest : public ExecutorFixture {
 protected:
  SingleFlightTest() : ExecutorFixture({.max_batch_images = 2, .max_batch_pixels = 300}) {}
};

TEST_F(SingleFlightTest, TenRequestsForOneImagePerceiveItOnce) {
  std::vector<std::shared_ptr<RecordingListener>> heard;
  for (int i = 0; i < 10; ++i) heard.push_back(Add(NewRequest().KeyedImage("cat", 10, 10)));
  TakeAllSteps();
  ASSERT_THAT(engine_.steps(), SizeIs(1));
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(10, 10)));
  for (const auto& each : heard) {
    EXPECT_THAT(each->status(), IsOk());
    ASSERT_THAT(each->perceived(), SizeIs(1));
    EXPECT_EQ(each->perceived()[0], heard[0]->perceived()[0]);
  }
}

TEST_F(SingleFlightTest, BoundsCountTheImageOnce) {
  for (int i = 0; i < 5; ++i) Add(NewRequest().KeyedImage("a", 10, 10));
  Add(NewRequest().KeyedImage("b", 20, 10));
  TakeAllSteps();
  ASSERT_THAT(engine_.steps(), SizeIs(1));
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(10, 10), Pair(20, 10)));
}

// News is taken in after a step, so who joins while it runs is added after it.
TEST_F(SingleFlightTest, WhoJoinsWhileTheImageIsInWorkGetsTheResult) {
  auto first = Add(NewRequest().KeyedImage("cat", 10, 10));
  TakeStep();
  EXPECT_THAT(first->status(), IsOk());
  auto late = Add(NewRequest().KeyedImage("cat", 10, 10).Image(20, 10));
  TakeAllSteps();
  EXPECT_THAT(late->status(), IsOk());
  EXPECT_EQ(late->perceived()[0], first->perceived()[0]);
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(20, 10)));
}

TEST_F(SingleFlightTest, TellsTheObserverOfEveryRunThatWasSpared) {
  for (int i = 0; i < 3; ++i) Add(NewRequest().KeyedImage("cat", 10, 10));
  TakeStep();
  Add(NewRequest().KeyedImage("cat", 10, 10));
  EXPECT_THAT(observer_.Words(), IsSupersetOf({"shared 2", "shared 1"}));
}

TEST_F(SingleFlightTest, FailureEndsAllThatWaited) {
  engine_.FailImage(10, 10, absl::InternalError("bad tensor"));
  auto first = Add(NewRequest().KeyedImage("cat", 10, 10));
  auto second = Add(NewRequest().KeyedImage("cat", 10, 10).KeyedImage("dog", 1, 1));
  auto other = Add(NewRequest().KeyedImage("dog", 1, 1));
  TakeStep();
  EXPECT_THAT(first->status(), StatusIs(absl::StatusCode::kInternal, "bad tensor"));
  EXPECT_THAT(second->status(), StatusIs(absl::StatusCode::kInternal, "bad tensor"));
  EXPECT_THAT(other->status(), IsOk());
}

TEST_F(SingleFlightTest, CancelOfOneLeavesTheOthersUnharmed) {
  auto cancelled = Add(NewRequest().KeyedImage("cat", 10, 10));
  const RequestHandle handle = last_handle_;
  auto kept = Add(NewRequest().KeyedImage("cat", 10, 10));
  executor_.Cancel(handle);
  TakeAllSteps();
  EXPECT_THAT(cancelled->status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(kept->status(), IsOk());
  EXPECT_THAT(engine_.steps(), SizeIs(1));
}

TEST_F(SingleFlightTest, UrgentWaiterTakesTheImageToTheFront) {
  Add(NewRequest().KeyedImage("a", 1, 1).KeyedImage("b", 2, 2));
  Add(NewRequest().KeyedImage("cat", 10, 10));
  auto urgent = Add(NewRequest().KeyedImage("cat", 10, 10).Urgency(Priority::kHigh));
  TakeStep();
  EXPECT_THAT(urgent->status(), IsOk());
  EXPECT_THAT(LastStep().images, ElementsAre(Pair(10, 10), Pair(1, 1)));
}

}  // namespace
}  // namespace mrmllm
