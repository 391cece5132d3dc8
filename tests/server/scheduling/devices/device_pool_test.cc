// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/device_pool.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/server/scheduling/devices/device_pool_fixture.h"

namespace mrmllm {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DevicePoolTest : public DevicePoolFixture {};

int ImagesPerceivedBy(const FakeEngine& engine) {
  int count = 0;
  for (const FakeEngine::Step& step : engine.steps()) count += static_cast<int>(step.images.size());
  return count;
}

TEST_F(DevicePoolTest, NeedsAnEngine) {
  EXPECT_THAT(Scheduler::Create({}, absl::Span<Engine* const>(), &clock_, nullptr).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("engines")));
}

TEST_F(DevicePoolTest, NamesAnOptionThatNoDeviceTakes) {
  const std::vector<Engine*> engines = {&engines_[0], &engines_[1]};
  EXPECT_THAT(Scheduler::Create({.max_prefill_tokens = 0}, engines, &clock_, nullptr).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_prefill_tokens")));
}

TEST_F(DevicePoolTest, SpreadsTheWork) {
  Hold();
  Start();
  for (int i = 0; i < 6; ++i) Ask(absl::StrCat(i));
  Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_THAT(engines_[0].started(), SizeIs(3));
  EXPECT_THAT(engines_[1].started(), SizeIs(3));
  for (const auto& listener : listeners_) EXPECT_OK(listener->status());
}

TEST_F(DevicePoolTest, StartsEachExecutorWithTheNumberOfItsEngine) {
  absl::Mutex mutex;
  std::multiset<int> numbers;
  Start({.on_executor_start = [&](int engine) {
    absl::MutexLock lock(&mutex);
    numbers.insert(engine);
  }});
  Hold();
  Ask("a");
  Ask("b");
  Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(numbers, ElementsAre(0, 1));
}

TEST_F(DevicePoolTest, AnImageIsPerceivedOnceForAllWhoAskAtTheSameTime) {
  Hold();
  Start();
  for (int i = 0; i < 5; ++i) Submit(ImageQuestion(7, absl::StrCat(i)));
  Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_EQ(ImagesPerceivedBy(engines_[0]) + ImagesPerceivedBy(engines_[1]), 1);
}

TEST_F(DevicePoolTest, LaterQuestionsGoWhereTheirImageWasSeen) {
  Hold();
  Start();
  for (int image = 1; image <= 4; ++image) Submit(ImageQuestion(image, absl::StrCat(image)));
  Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  const std::vector<std::string> first = engines_[0].started();
  const std::vector<std::string> second = engines_[1].started();
  ASSERT_THAT(first, SizeIs(2));
  ASSERT_THAT(second, SizeIs(2));

  for (int image = 4; image >= 1; --image) {
    EXPECT_OK(Submit(ImageQuestion(image, absl::StrCat(image)))->AwaitDone());
  }
  for (const std::string& image : first) {
    EXPECT_THAT(engines_[0].started(), Contains(image).Times(2));
  }
  for (const std::string& image : second) {
    EXPECT_THAT(engines_[1].started(), Contains(image).Times(2));
  }
}

TEST_F(DevicePoolTest, CancelsARequestWhereverItIs) {
  Hold();
  Start();
  std::vector<RequestHandle> handles;
  for (int i = 0; i < 4; ++i) {
    Ask(absl::StrCat(i));
    handles.push_back(last_handle_);
  }
  for (RequestHandle handle : handles) scheduler_->Cancel(handle);
  Release();
  for (const auto& listener : listeners_) {
    EXPECT_THAT(listener->AwaitDone(), StatusIs(absl::StatusCode::kCancelled));
  }
}

TEST_F(DevicePoolTest, ADeviceThatStallsMakesThePoolStall) {
  Start();
  const absl::Time begin = clock_.Now();
  engines_[0].Hold();
  Ask("held");
  engines_[0].AwaitHeld();
  clock_.Advance(absl::Seconds(40));
  EXPECT_OK(Ask("free")->AwaitDone());
  EXPECT_TRUE(scheduler_->has_work());
  EXPECT_EQ(scheduler_->last_progress(), begin);
  engines_[0].Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
  EXPECT_EQ(scheduler_->last_progress(), clock_.Now());
}

TEST_F(DevicePoolTest, IsIdleWhenAllDevicesAre) {
  Start();
  EXPECT_TRUE(scheduler_->AwaitIdle(clock_.Now()));
  Hold();
  auto first = Ask("on the first");
  Ask("on the second");
  engines_[0].Release();
  EXPECT_OK(first->AwaitDone());
  EXPECT_FALSE(scheduler_->AwaitIdle(clock_.Now()));
  engines_[1].Release();
  EXPECT_TRUE(scheduler_->AwaitIdle(absl::InfiniteFuture()));
}

TEST_F(DevicePoolTest, FinishesWhatItTookAfterItStoppedAccepting) {
  Hold();
  Start();
  auto first = Ask("a");
  auto second = Ask("b");
  scheduler_->StopAccepting();
  EXPECT_THAT(TrySubmit(Question("c").Build(nullptr)), StatusIs(absl::StatusCode::kUnavailable));
  Release();
  EXPECT_OK(first->AwaitDone());
  EXPECT_OK(second->AwaitDone());
}

TEST_F(DevicePoolTest, StopEndsWhatEveryDeviceHas) {
  Start();
  engines_[0].SetAnswer("long", std::vector<std::string>(100, "x"));
  engines_[1].SetAnswer("long", std::vector<std::string>(100, "x"));
  Hold();
  Ask("long");
  Ask("long");
  for (BreakableEngine& engine : engines_) {
    engine.AwaitHeld();
    engine.Break();  // so that no more than the held step is made
  }
  Release();
  scheduler_->Stop();
  for (const auto& listener : listeners_) {
    EXPECT_THAT(listener->AwaitDone(), StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(DevicePoolTest, OneLedgerCountsTheRequestsOfAllDevices) {
  Hold();
  Start({.admission = {.requests = 2}});
  Ask("a");
  Ask("b");
  EXPECT_THAT(TrySubmit(Question("c").Build(nullptr)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(scheduler_->admission().usage().requests, 2);
}

TEST_F(DevicePoolTest, SuggestsADelayAndPredictsNoWaitBeforeAnythingWasMeasured) {
  Start();
  EXPECT_EQ(scheduler_->PredictedQueueWait(), absl::ZeroDuration());
  EXPECT_GE(scheduler_->SuggestedRetryDelay(), absl::Milliseconds(50));
  EXPECT_LE(scheduler_->SuggestedRetryDelay(), absl::Seconds(30));
}

// What a request came to.
struct Heard {
  std::string answer;
  std::vector<std::pair<int, int>> images;
  std::vector<std::string> labels;
  bool operator==(const Heard&) const = default;
};

std::vector<Heard> AnswersOf(const std::vector<FakeEngine*>& engines, FakeClock* clock) {
  const std::vector<Engine*> pointers(engines.begin(), engines.end());
  auto scheduler = *Scheduler::Create({}, pointers, clock, nullptr);
  for (FakeEngine* engine : engines) engine->Hold();  // so that each gets its part of the requests
  std::vector<std::shared_ptr<RecordingListener>> listeners;
  for (int i = 0; i < 30; ++i) {
    listeners.push_back(std::make_shared<RecordingListener>());
    RequestBuilder builder(clock->Now());
    if (i % 3 > 0) builder.Image(1 + i % 4, 1 + i % 3);
    if (i % 3 < 2) builder.Question(absl::StrCat("question ", i));
    EXPECT_OK(scheduler->Submit(builder.Build(listeners.back()), Reservation()).status());
  }
  for (FakeEngine* engine : engines) engine->Release();
  std::vector<Heard> heard;
  for (const auto& listener : listeners) {
    EXPECT_OK(listener->AwaitDone());
    heard.push_back({.answer = listener->result().answer});
    for (const auto& image : listener->perceived()) {
      heard.back().images.emplace_back(image->width, image->height);
      for (const Detection& detection : image->detections) {
        heard.back().labels.push_back(detection.label);
      }
    }
  }
  return heard;
}

TEST_F(DevicePoolTest, TwoDevicesSayWhatOneSays) {
  FakeEngine alone;
  EXPECT_EQ(AnswersOf({&engines_[0], &engines_[1]}, &clock_), AnswersOf({&alone}, &clock_));
  EXPECT_THAT(engines_[0].started(), testing::Not(IsEmpty()));
  EXPECT_THAT(engines_[1].started(), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace mrmllm
