// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/request_ranking.h"

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/request_builder.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1000);

class RequestRankingTest : public testing::Test {
 protected:
  ActiveRequest& Add(RequestBuilder builder) {
    SubmittedRequest submitted{.handle = requests_.size(),
                               .request = builder.Build(std::make_shared<RecordingListener>()),
                               .submitted = kNow};
    const WorkLeft work = WorkOf(submitted.request, engine_, options_);
    requests_.push_back(std::make_unique<ActiveRequest>(std::move(submitted), work));
    return *requests_.back();
  }
  // The handles, in the order of service.
  std::vector<RequestHandle> Rank(bool room_is_short = false) {
    std::vector<ActiveRequest*> all;
    for (const auto& request : requests_) all.push_back(request.get());
    std::vector<RequestHandle> handles;
    for (const ActiveRequest* request :
         RankRequests(all, options_, room_is_short, kNow, forecast_, share_)) {
      handles.push_back(request->handle());
    }
    return handles;
  }
  void LearnCosts() {
    for (int n : {1, 2, 4}) {
      forecast_.ObserveStep(StepKind::kPerceive, n, absl::Seconds(n));
      forecast_.ObserveStep(StepKind::kPrefill, n, absl::ZeroDuration());
      forecast_.ObserveStep(StepKind::kDecode, n, absl::Seconds(1));
    }
    forecast_.ObservePrompt(1, 1);
    forecast_.ObserveAnswer(10, 10);
  }
  RequestBuilder NewRequest() { return RequestBuilder(kNow); }

  const Scheduler::Options options_{.max_running_sequences = 4};
  FakeEngine engine_;
  Forecast forecast_{options_};
  FairShare share_{{}};
  std::vector<std::unique_ptr<ActiveRequest>> requests_;
};

TEST_F(RequestRankingTest, FollowsUrgencyAndDeadline) {
  Add(NewRequest().Image(1, 1));
  Add(NewRequest().Image(1, 1).Deadline(kNow + absl::Seconds(5)));
  Add(NewRequest().Image(1, 1).Urgency(Priority::kHigh));
  EXPECT_THAT(Rank(), ElementsAre(2, 1, 0));
}

TEST_F(RequestRankingTest, LeavesOutWhatTakesPartInEveryStepAnyway) {
  ActiveRequest& decoding = Add(NewRequest().Question("Q"));
  Add(NewRequest().Question("R"));
  decoding.HandOverPerceptions(kNow);
  ASSERT_THAT(decoding.BeginAnswer(engine_), IsOkAndHolds(true));
  EXPECT_THAT(Rank(), ElementsAre(0, 1));  // it still has its prompt to read
  const PrefillItem prompt{decoding.sequence(), 1000};
  engine_.Prefill({&prompt, 1}).clear();
  EXPECT_THAT(Rank(), ElementsAre(1));
}

TEST_F(RequestRankingTest, SharedImageIsForecastOnce) {
  LearnCosts();
  for (int i = 0; i < 5; ++i) Add(NewRequest().KeyedImage("a", 1, 1));
  Add(NewRequest().KeyedImage("b", 1, 1));
  Rank();
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 2, 1e-3);
}

TEST_F(RequestRankingTest, ForecastKnowsWhenThereIsRoomForNoMoreAnswers) {
  LearnCosts();
  ActiveRequest& running = Add(NewRequest().Question("Q", 10));
  running.HandOverPerceptions(kNow);
  ASSERT_THAT(running.BeginAnswer(engine_), IsOkAndHolds(true));
  Rank();
  EXPECT_EQ(forecast_.QueueWait(), absl::ZeroDuration());
  Rank(/*room_is_short=*/true);
  EXPECT_NEAR(absl::ToDoubleSeconds(forecast_.QueueWait()), 10, 1e-3);
}

}  // namespace
}  // namespace mrmllm
