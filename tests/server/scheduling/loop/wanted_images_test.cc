// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/wanted_images.h"

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/request_builder.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class WantedImagesTest : public testing::Test {
 protected:
  ActiveRequest* Add(RequestBuilder builder) {
    const RequestHandle handle = requests_.size();
    requests_.push_back(std::make_unique<ActiveRequest>(SubmittedRequest{
        .handle = handle, .request = builder.Build(std::make_shared<RecordingListener>())}));
    order_.push_back(requests_.back().get());
    return order_.back();
  }
  // For each wanted image its width and the handles of those who wait.
  std::vector<std::pair<int, std::vector<RequestHandle>>> Wanted(size_t limit = 100) const {
    std::vector<std::pair<int, std::vector<RequestHandle>>> wanted;
    for (const WantedImage& image : WantedImages(order_, limit)) {
      wanted.push_back({image.image().input->width, {}});
      for (const auto& waiter : image.waiters) {
        wanted.back().second.push_back(waiter.request->handle());
      }
    }
    return wanted;
  }
  RequestBuilder NewRequest() { return RequestBuilder(absl::FromUnixSeconds(1000)); }

  std::vector<std::unique_ptr<ActiveRequest>> requests_;
  std::vector<ActiveRequest*> order_;
};

TEST_F(WantedImagesTest, EqualKeysAreOneImage) {
  Add(NewRequest().KeyedImage("a", 1, 1).KeyedImage("b", 2, 2));
  Add(NewRequest().KeyedImage("b", 2, 2).KeyedImage("c", 3, 3).KeyedImage("b", 2, 2));
  EXPECT_THAT(Wanted(), ElementsAre(Pair(1, ElementsAre(0)), Pair(2, ElementsAre(0, 1, 1)),
                                    Pair(3, ElementsAre(1))));
}

TEST_F(WantedImagesTest, ImageWithoutAKeyIsLikeNoOther) {
  Add(NewRequest().Image(1, 1));
  Add(NewRequest().Image(1, 1));
  EXPECT_THAT(Wanted(), ElementsAre(Pair(1, ElementsAre(0)), Pair(1, ElementsAre(1))));
}

TEST_F(WantedImagesTest, QueryFusionTellsEqualKeysApart) {
  Add(NewRequest().KeyedImage("a", 1, 1));
  Add(NewRequest().KeyedImage("a", 1, 1).WithoutFusion());
  EXPECT_THAT(Wanted(), ElementsAre(Pair(1, ElementsAre(0)), Pair(1, ElementsAre(1))));
}

TEST_F(WantedImagesTest, LimitCutsImagesNotWaiters) {
  Add(NewRequest().KeyedImage("a", 1, 1));
  Add(NewRequest().KeyedImage("b", 2, 2).Image(3, 3));
  Add(NewRequest().KeyedImage("a", 1, 1).KeyedImage("b", 2, 2));
  EXPECT_THAT(Wanted(1), ElementsAre(Pair(1, ElementsAre(0, 2))));
}

TEST_F(WantedImagesTest, PerceivedImagesAreNotWanted) {
  Add(NewRequest().CachedImage(1, 1).Image(2, 2))->SetPerception(1, std::make_shared<Perception>());
  Add(NewRequest().Question("Q"));
  EXPECT_THAT(Wanted(), IsEmpty());
}

TEST(RecentPerceptionsTest, KnowsAPerceptionWhileSomebodyUsesIt) {
  RecentPerceptions recent;
  auto perception = std::make_shared<const Perception>();
  recent.Keep("a", perception);
  EXPECT_EQ(recent.Find("a", true), perception);
  EXPECT_EQ(recent.Find("a", false), nullptr);
  EXPECT_EQ(recent.Find("b", true), nullptr);
  recent.EndStep();
  EXPECT_EQ(recent.Find("a", true), perception);
  perception.reset();
  EXPECT_EQ(recent.Find("a", true), nullptr);
}

TEST(RecentPerceptionsTest, HoldsAPerceptionUntilTheStepIsOver) {
  RecentPerceptions recent;
  recent.Keep("a", std::make_shared<const Perception>());
  EXPECT_NE(recent.Find("a", true), nullptr);
  recent.EndStep();
  EXPECT_EQ(recent.Find("a", true), nullptr);
}

TEST(RecentPerceptionsTest, NeverKnowsAnEmptyKey) {
  RecentPerceptions recent;
  recent.Keep("", std::make_shared<const Perception>());
  EXPECT_EQ(recent.Find("", true), nullptr);
}

TEST(RecentPerceptionsTest, ForgetsWhatIsGone) {
  RecentPerceptions recent;
  for (int i = 0; i < 10'000; ++i) {
    recent.Keep(std::to_string(i), std::make_shared<const Perception>());
    recent.EndStep();
  }
  EXPECT_LE(recent.size(), 64u);
}

}  // namespace
}  // namespace mrmllm
