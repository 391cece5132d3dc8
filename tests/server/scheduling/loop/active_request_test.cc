// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/active_request.h"

#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/request_builder.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000);

absl::Time At(int milliseconds) { return kStart + absl::Milliseconds(milliseconds); }

class ActiveRequestTest : public testing::Test {
 protected:
  ActiveRequest Make(RequestBuilder builder) {
    return ActiveRequest({.handle = 1, .request = builder.Build(heard_), .submitted = kStart});
  }

  std::shared_ptr<RecordingListener> heard_ = std::make_shared<RecordingListener>();
  FakeEngine engine_;
};

TEST_F(ActiveRequestTest, MeasuresEachStageUntilTheNextBegins) {
  ActiveRequest request = Make(RequestBuilder(At(-5)).CachedImage(1, 1).Question("Q"));
  EXPECT_EQ(request.LeaveQueue(At(1)), absl::Milliseconds(1));
  EXPECT_EQ(request.LeaveQueue(At(2)), std::nullopt);
  request.HandOverPerceptions(At(11));
  ASSERT_OK(request.BeginAnswer(engine_).status());
  EXPECT_EQ(request.LeaveQueue(At(14)), absl::Milliseconds(3));
  EXPECT_TRUE(request.TakeStepResult({.produced_token = true, .text = "a"}, At(34)));
  EXPECT_FALSE(request.TakeStepResult({.produced_token = true}, At(40)));
  EXPECT_FALSE(request.TakeStepResult({.produced_token = true}, At(46)));
  EXPECT_EQ(request.TimePerOutputToken(), absl::Milliseconds(6));
  request.End(absl::OkStatus(), At(50));

  const ExecutionTimings timings = heard_->result().timings;
  EXPECT_EQ(timings.submitted, kStart);
  EXPECT_EQ(timings.perceive_queue, absl::Milliseconds(1));
  EXPECT_EQ(timings.perceive, absl::Milliseconds(10));
  EXPECT_EQ(timings.prefill_queue, absl::Milliseconds(3));
  EXPECT_EQ(timings.prefill, absl::Milliseconds(20));
  EXPECT_EQ(timings.decode, absl::Milliseconds(16));
  EXPECT_EQ(timings.time_to_first_token, absl::Milliseconds(39));
}

TEST_F(ActiveRequestTest, DropsThePixelsOnceEveryImageIsPerceived) {
  ActiveRequest request = Make(RequestBuilder(kStart).Image(1, 1).Image(2, 2));
  EXPECT_FALSE(request.EveryImagePerceived());
  request.SetPerception(1, std::make_shared<Perception>());
  EXPECT_FALSE(request.EveryImagePerceived());
  EXPECT_NE(request.request().images[1].input, nullptr);
  request.SetPerception(0, std::make_shared<Perception>());
  EXPECT_TRUE(request.EveryImagePerceived());
  request.HandOverPerceptions(kStart);
  EXPECT_EQ(request.request().images[0].input, nullptr);
  EXPECT_EQ(request.request().images[1].input, nullptr);
}

TEST_F(ActiveRequestTest, TheSecondLookIsAStageOfItsOwnWithItsQueue) {
  ActiveRequest request = Make(RequestBuilder(kStart).Image(1, 1).Image(2, 2));
  for (size_t i : {0, 1}) request.SetPerception(i, std::make_shared<Perception>());
  request.LeaveQueue(At(1));
  request.BeginSecondLook({{}, {{0, 0, 1, 1}, {0, 0, 1, 0.5f}}}, At(3));
  EXPECT_TRUE(request.Perceiving());
  EXPECT_FALSE(request.has_told());
  EXPECT_THAT(heard_->first_look(), testing::SizeIs(2));
  EXPECT_EQ(request.Left().parts, 2);
  EXPECT_EQ(request.LeaveQueue(At(7)), absl::Milliseconds(4));
  request.SetSecondLook(1, std::make_shared<Perception>());
  EXPECT_EQ(request.Left().parts, 0);
  request.HandOverPerceptions(At(12));
  EXPECT_FALSE(request.LookingAgain());
  request.End(absl::OkStatus(), At(12));
  EXPECT_EQ(heard_->result().timings.perceive, absl::Milliseconds(2));
  EXPECT_EQ(heard_->result().timings.look_again, absl::Milliseconds(9));
}

TEST_F(ActiveRequestTest, OneTokenHasNoTimePerToken) {
  ActiveRequest request = Make(RequestBuilder(kStart).Question("Q"));
  request.HandOverPerceptions(kStart);
  request.TakeStepResult({.produced_token = true}, At(1));
  EXPECT_EQ(request.TimePerOutputToken(), std::nullopt);
}

TEST_F(ActiveRequestTest, WithoutImagesNothingIsHandedOver) {
  ActiveRequest request = Make(RequestBuilder(kStart).Question("Q"));
  EXPECT_TRUE(request.EveryImagePerceived());
  request.HandOverPerceptions(kStart);
  EXPECT_TRUE(request.WaitsToAnswer());
  EXPECT_THAT(heard_->perceived(), testing::IsEmpty());
}

// Looks, from inside OnDone, whether everything was given back already.
class WatchingListener : public RecordingListener {
 public:
  WatchingListener(const FakeEngine& engine, const Admission& admission)
      : engine_(engine), admission_(admission) {}
  void OnDone(absl::Status status, const RequestResult& result) override {
    sequences_ = engine_.live_sequences();
    requests_ = admission_.usage().requests;
    RecordingListener::OnDone(std::move(status), result);
  }
  int sequences_ = -1;
  int64_t requests_ = -1;

 private:
  const FakeEngine& engine_;
  const Admission& admission_;
};

TEST_F(ActiveRequestTest, FreesSequenceAndPlaceBeforeOnDone) {
  Admission admission({});
  auto watching = std::make_shared<WatchingListener>(engine_, admission);
  ActiveRequest request({.handle = 1,
                         .request = RequestBuilder(kStart).Question("Q").Build(watching),
                         .place = *admission.Reserve({.tokens = 5}),
                         .submitted = kStart});
  request.HandOverPerceptions(kStart);
  ASSERT_OK(request.BeginAnswer(engine_).status());
  EXPECT_EQ(engine_.live_sequences(), 1);
  request.End(absl::CancelledError(""), kStart);
  EXPECT_EQ(watching->sequences_, 0);
  EXPECT_EQ(watching->requests_, 0);
}

}  // namespace
}  // namespace mrmllm
