// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/image_step.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/recording_observer.h"
#include "tests/server/scheduling/request_builder.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Loses count of the images, or brings nothing.
class ForgetfulEngine : public FakeEngine {
 public:
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem>) override {
    return std::vector<absl::StatusOr<std::shared_ptr<const Perception>>>(results);
  }
  size_t results = 0;
};

class ImageStepTest : public testing::Test {
 protected:
  ActiveRequest* Add(RequestBuilder builder) {
    requests_.push_back(std::make_unique<ActiveRequest>(
        SubmittedRequest{.handle = requests_.size(),
                         .request = builder.Build(std::make_shared<RecordingListener>())}));
    order_.push_back(requests_.back().get());
    return order_.back();
  }
  RequestBuilder NewRequest() { return RequestBuilder(absl::UnixEpoch()); }
  ImageStep FirstLook() const { return ImageStep::FirstLook(WantedImages(order_, 10)); }

  FakeEngine engine_;
  FairShare share_{{}};
  std::vector<std::unique_ptr<ActiveRequest>> requests_;
  std::vector<ActiveRequest*> order_;
};

TEST_F(ImageStepTest, GivesEachImageToAllWhoWaitForIt) {
  ActiveRequest* first = Add(NewRequest().KeyedImage("a", 1, 1).KeyedImage("b", 2, 1));
  ActiveRequest* second = Add(NewRequest().KeyedImage("b", 2, 1));
  const ImageStep step = FirstLook();
  EXPECT_EQ(step.units(), 2);
  EXPECT_THAT(step.requests(), ElementsAre(first, second));
  const ImageStep::Results results = step.Run(engine_);
  EXPECT_THAT(step.Give(results, absl::Seconds(1), share_), SizeIs(0));
  EXPECT_TRUE(first->EveryImagePerceived());
  EXPECT_EQ(first->request().images[1].perception, second->request().images[0].perception);
  RecordingObserver observer;
  step.Report(results, observer);
  EXPECT_THAT(observer.Words(), ElementsAre("shared 1"));
}

TEST_F(ImageStepTest, TellsWhomItFailed) {
  engine_.FailImage(1, 1, absl::InternalError("bad"));
  ActiveRequest* bad = Add(NewRequest().Image(1, 1).Image(2, 1));
  Add(NewRequest().Image(3, 1));
  const ImageStep step = FirstLook();
  const auto failures = step.Give(step.Run(engine_), absl::Seconds(1), share_);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_THAT(failures.at(bad), StatusIs(absl::StatusCode::kInternal, "bad"));
}

TEST_F(ImageStepTest, AnEngineThatLosesCountFailsAll) {
  Add(NewRequest().Image(1, 1));
  Add(NewRequest().Image(2, 1));
  ForgetfulEngine forgetful;
  for (const auto& result : FirstLook().Run(forgetful)) {
    EXPECT_THAT(result,
                StatusIs(absl::StatusCode::kInternal, "the engine gave 0 results for 2 items"));
  }
}

TEST_F(ImageStepTest, PartsAreTheUnitsOfASecondLook) {
  ActiveRequest* request = Add(NewRequest().Image(1, 1).Image(2, 1));
  for (size_t i : {0, 1}) request->SetPerception(i, std::make_shared<Perception>());
  request->BeginSecondLook({{{0, 0, 1, 1}}, {{0, 0, 1, 1}, {0, 0, 0.5f, 1}}}, absl::UnixEpoch());
  const ImageStep step = ImageStep::SecondLook(WantedSecondLooks(order_, 10));
  EXPECT_EQ(step.units(), 3);
  step.Give(step.Run(engine_), absl::Seconds(1), share_);
  EXPECT_EQ(request->CountPartsLeft(), 0);
  EXPECT_THAT(request->request().images[1].perception->second_look, SizeIs(2));
  EXPECT_THAT(engine_.last_step().parts, ElementsAre(1, 2));
}

}  // namespace
}  // namespace mrmllm
