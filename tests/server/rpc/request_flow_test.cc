// SPDX-License-Identifier: Apache-2.0
// What a flow hands to the scheduler, and what it makes of the scheduler's word.
#include "server/rpc/request_flow.h"

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/server/image_decoding/encoded_images.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Takes a request and ends it at once as it is told, or refuses it.
class ScriptedScheduler : public Scheduler {
 public:
  absl::Status refusal;
  RequestResult result;
  std::optional<Request> taken;  // without its listener
  bool looks_twice = false;      // the second look at the first image brings other boxes
  Admission::Usage usage_at_submit;

  Admission& admission() override { return admission_; }
  absl::StatusOr<RequestHandle> Submit(Request request, Reservation place) override {
    usage_at_submit = admission_.usage(request.tenant);
    if (!refusal.ok()) return refusal;
    const auto listener = std::exchange(request.listener, nullptr);
    taken = std::move(request);
    if (!taken->images.empty()) {
      std::vector<std::shared_ptr<const Perception>> seen(taken->images.size(),
                                                          std::make_shared<Perception>());
      if (looks_twice) {
        listener->OnFirstLook(seen);
        auto merged = std::make_shared<Perception>(*seen[0]);
        merged->second_look = {{0, 0, 0.5f, 0.5f}};
        seen[0] = std::move(merged);
      }
      listener->OnPerceived(seen);
    }
    place.Release();
    listener->OnDone(absl::OkStatus(), result);
    return 1;
  }
  void Cancel(RequestHandle) override {}
  void StopAccepting() override {}
  bool AwaitIdle(absl::Time) override { return true; }
  void Stop() override {}
  absl::Time last_progress() const override { return absl::UnixEpoch(); }
  bool has_work() const override { return false; }
  absl::Duration SuggestedRetryDelay() const override { return absl::Milliseconds(1500); }

 private:
  Admission admission_{{}};
};

// Counts its key-value cache in blocks of 16 tokens.
class BlockEngine : public FakeEngine {
 public:
  BlockEngine() : info_(FakeEngine::info()) { info_.kv_block_tokens = 16; }
  const EngineInfo& info() const override { return info_; }

 private:
  EngineInfo info_;
};

class RecordingObserver : public RpcObserver {
 public:
  void OnRequestDone(const RequestRecord& record) override { done.push_back(record); }
  void OnRejection(Rejection rejection) override { rejections.push_back(rejection); }

  std::vector<RequestRecord> done;
  std::vector<Rejection> rejections;
};

class OutOfMemoryObserver : public RecordingObserver {
 public:
  void OnCacheLookup(int, int) override { throw std::bad_alloc(); }
};

class EndedSink : public FlowSink {
 public:
  void OnPerceived(const Outcome& outcome) override {
    absl::MutexLock lock(&mutex_);
    told_of_.push_back(outcome.images.front().perception);
  }
  void OnEnd(const absl::Status& status, const Outcome& outcome) override {
    absl::MutexLock lock(&mutex_);
    status_ = status;
    outcome_ = outcome;
    ended_ = true;
  }
  absl::Status AwaitStatus() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&ended_));
    return status_;
  }
  Outcome outcome() {
    absl::MutexLock lock(&mutex_);
    return outcome_;
  }
  // What was seen in the first image, each time that it was told.
  std::vector<std::shared_ptr<const Perception>> told_of() {
    absl::MutexLock lock(&mutex_);
    return told_of_;
  }

 private:
  // Not a Notification: ThreadSanitizer sees our mutexes only.
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  Outcome outcome_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const Perception>> told_of_ ABSL_GUARDED_BY(mutex_);
};

class RequestFlowTest : public testing::Test {
 protected:
  RequestFlowTest() {
    context_.decode_pool = &pool_;
    context_.gate = &gate_;
    context_.clock = &clock_;
    context_.observer = &observer_;
  }

  std::unique_ptr<ServedModel> MakeModel() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<BlockEngine>());
    const ServedModel::Options options{
        .images = {.max_bytes = 1 << 20, .max_pixels = 10'000, .max_side = 1000}};
    return *ServedModel::Create(options, std::move(engines), std::make_unique<ScriptedScheduler>(),
                                &clock_);
  }
  RequestFlow::Arrival ArrivalOf(const std::string& tenant) {
    return {.method = "PerceiveAndAnswer",
            .request_id = "r-1",
            .tenant = tenant,
            .at = clock_.Now(),
            .deadline = clock_.Now() + absl::Seconds(2)};
  }
  ParsedRequest OnePicture() const {
    return {.images = {{.field = "images[0]", .from = EncodedImage{picture_}}},
            .answer = AnswerInput{.question = "What?"}};
  }
  absl::Status Run(RequestFlow::Arrival arrival, absl::StatusOr<ParsedRequest> parsed) {
    std::make_shared<RequestFlow>(context_, std::move(arrival), model_, &sink_)
        ->Start(std::move(parsed));
    return sink_.AwaitStatus();
  }

  FakeClock clock_;
  RecordingObserver observer_;
  EndedSink sink_;
  RequestGate gate_;
  RpcContext context_;
  const std::shared_ptr<ServedModel> model_ = MakeModel();
  ScriptedScheduler& scheduler_ = static_cast<ScriptedScheduler&>(model_->scheduler());
  const std::string picture_ = EncodeRedGreen(".png", 12, 8);
  WorkerPool pool_{1};  // last: its jobs use all of the above
};

// The payload of a google.rpc detail that `status` must carry.
google::rpc::RetryInfo RetryInfoOf(const absl::Status& status) {
  google::rpc::RetryInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_TRUE(payload.has_value()) << status;
  if (payload.has_value()) info.ParseFromString(std::string(*payload));
  return info;
}

TEST_F(RequestFlowTest, HandsTenantUrgencyAndDeadlineToTheScheduler) {
  ParsedRequest parsed = OnePicture();
  parsed.priority = Priority::kHigh;
  parsed.may_degrade = true;
  ASSERT_OK(Run(ArrivalOf("alice"), std::move(parsed)));
  ASSERT_TRUE(scheduler_.taken.has_value());
  EXPECT_EQ(scheduler_.taken->tenant, "alice");
  EXPECT_EQ(scheduler_.taken->answer->cache_salt, "alice");
  EXPECT_EQ(scheduler_.taken->priority, Priority::kHigh);
  EXPECT_TRUE(scheduler_.taken->may_degrade);
  EXPECT_EQ(scheduler_.taken->deadline, clock_.Now() + absl::Seconds(2));
}

TEST_F(RequestFlowTest, ChargesTheTenantForAllThatTheRequestNeeds) {
  ASSERT_OK(Run(ArrivalOf("alice"), OnePicture()));
  const int with_image = model_->EstimatePromptTokens(1, 5);
  const Admission::Usage& usage = scheduler_.usage_at_submit;
  EXPECT_EQ(usage.requests, 1);
  EXPECT_EQ(usage.pixels, 12 * 8);
  EXPECT_EQ(usage.tokens, with_image + GenerationSettings().max_new_tokens);
  EXPECT_EQ(usage.image_tokens, with_image - model_->EstimatePromptTokens(0, 5));
  EXPECT_GE(usage.kv_blocks * 16, usage.tokens);
  EXPECT_LT((usage.kv_blocks - 1) * 16, usage.tokens);
  EXPECT_EQ(scheduler_.admission().usage(), Admission::Usage());
}

TEST_F(RequestFlowTest, MemoryThatRunsOutOnTheDecodePoolFailsItsOwnRequestOnly) {
  OutOfMemoryObserver out_of_memory;
  context_.observer = &out_of_memory;
  EXPECT_THAT(Run(ArrivalOf("alice"), OnePicture()),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("memory")));
  EXPECT_EQ(scheduler_.admission().usage(), Admission::Usage());
  context_.observer = &observer_;
  EndedSink next;
  std::make_shared<RequestFlow>(context_, ArrivalOf("alice"), model_, &next)->Start(OnePicture());
  EXPECT_OK(next.AwaitStatus());
}

TEST_F(RequestFlowTest, TellsTelemetryWhereAndWhenInItsTrace) {
  RequestFlow::Arrival arrival = ArrivalOf("alice");
  arrival.trace = {.trace_id = FreshTraceId(), .span_id = FreshSpanId(), .sampled = true};
  ASSERT_OK(Run(arrival, OnePicture()));
  ASSERT_EQ(observer_.done.size(), 1u);
  EXPECT_EQ(observer_.done[0].trace, arrival.trace);
  EXPECT_EQ(observer_.done[0].at, arrival.at);
  EXPECT_EQ(observer_.done[0].handed_over, clock_.Now());
}

TEST_F(RequestFlowTest, EqualPicturesHaveEqualKeysWithinATenantOnly) {
  const auto key_for = [&](const std::string& tenant) {
    EndedSink sink;
    std::make_shared<RequestFlow>(context_, ArrivalOf(tenant), model_, &sink)->Start(OnePicture());
    EXPECT_OK(sink.AwaitStatus());
    return scheduler_.taken->images[0].key;
  };
  const std::string alices = key_for("alice");
  EXPECT_NE(alices, "");
  EXPECT_EQ(key_for("alice"), alices);
  EXPECT_NE(key_for("bob"), alices);
  EXPECT_NE(key_for(""), alices);
}

TEST_F(RequestFlowTest, HandsOverWhyPartsMayBeLookedAtAgain) {
  ParsedRequest parsed = OnePicture();
  parsed.perception.second_look = {SecondLookMode::kAlways, 7};
  parsed.perception.classes = {"label1"};
  ASSERT_OK(Run(ArrivalOf("alice"), std::move(parsed)));
  const SecondLookGuide& guide = scheduler_.taken->second_look;
  EXPECT_EQ(guide.settings, (SecondLookSettings{SecondLookMode::kAlways, 7}));
  EXPECT_THAT(guide.classes, ElementsAre("label1"));
  EXPECT_EQ(guide.question, "What?");
  EXPECT_TRUE(scheduler_.taken->images[0].look_again);
}

TEST_F(RequestFlowTest, TheFirstLookIsToldAtOnceAndTheSecondIsTheOutcome) {
  scheduler_.looks_twice = true;
  ASSERT_OK(Run(ArrivalOf("alice"), OnePicture()));
  ASSERT_EQ(sink_.told_of().size(), 1u);
  EXPECT_THAT(sink_.told_of()[0]->second_look, IsEmpty());
  EXPECT_EQ(sink_.outcome().images[0].perception->second_look.size(), 1u);
}

TEST_F(RequestFlowTest, AFollowUpByIdHasTheBetterBoxesThatNoQuestionGuided) {
  scheduler_.looks_twice = true;
  const auto run = [&](ParsedRequest parsed) {
    parsed.perception.second_look.mode = SecondLookMode::kAutomatic;
    EndedSink sink;
    std::make_shared<RequestFlow>(context_, ArrivalOf("alice"), model_, &sink)
        ->Start(std::move(parsed));
    EXPECT_OK(sink.AwaitStatus());
    return sink.outcome();
  };
  ParsedRequest detect = OnePicture();
  detect.answer.reset();
  const std::string id = run(std::move(detect)).images[0].image_id;
  scheduler_.looks_twice = false;
  ParsedRequest follow_up = OnePicture();
  follow_up.images[0].from = KnownImage{id};
  run(std::move(follow_up));
  const RequestImage& image = scheduler_.taken->images[0];
  ASSERT_NE(image.perception, nullptr);
  EXPECT_EQ(image.perception->second_look.size(), 1u);
  EXPECT_FALSE(image.look_again);
  run(OnePicture());  // the same picture with a question begins with the first look
  EXPECT_THAT(scheduler_.taken->images[0].perception->second_look, IsEmpty());
}

TEST_F(RequestFlowTest, ARefusalForTheQueueSaysWhenToComeBack) {
  scheduler_.refusal =
      absl::ResourceExhaustedError("3 s of work are ahead, the deadline is in 2 s");
  const absl::Status status = Run(ArrivalOf(""), OnePicture());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(RetryInfoOf(status).retry_delay().seconds(), 1);
  EXPECT_EQ(RetryInfoOf(status).retry_delay().nanos(), 500'000'000);
  EXPECT_THAT(observer_.rejections, ElementsAre(Rejection::kDeadline));
  EXPECT_EQ(scheduler_.admission().usage(), Admission::Usage());
}

TEST_F(RequestFlowTest, ARefusalForADeadlineThatIsTooShortDoesNotInviteAnotherTry) {
  scheduler_.refusal = absl::DeadlineExceededError("it takes 3 s, the deadline is in 2 s");
  const absl::Status status = Run(ArrivalOf(""), OnePicture());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_THAT(observer_.rejections, ElementsAre(Rejection::kDeadline));
}

TEST_F(RequestFlowTest, AFaultInTheMetadataComesBeforeEverything) {
  RequestFlow::Arrival arrival = ArrivalOf("");
  arrival.fault = absl::InvalidArgumentError("x-tenant: rubbish");
  EXPECT_THAT(Run(std::move(arrival), absl::InvalidArgumentError("question: rubbish")),
              StatusIs(absl::StatusCode::kInvalidArgument, "x-tenant: rubbish"));
  EXPECT_FALSE(scheduler_.taken.has_value());
  EXPECT_THAT(observer_.rejections, ElementsAre(Rejection::kInvalid));
}

TEST_F(RequestFlowTest, AWishForMoreUrgencyThanTheCallerMayHaveIsLowered) {
  const auto priority_of = [&](Priority wish, Priority ceiling) {
    RequestFlow::Arrival arrival = ArrivalOf("alice");
    arrival.max_priority = ceiling;
    ParsedRequest parsed = OnePicture();
    parsed.priority = wish;
    EndedSink sink;
    std::make_shared<RequestFlow>(context_, arrival, model_, &sink)->Start(std::move(parsed));
    EXPECT_OK(sink.AwaitStatus());
    return scheduler_.taken->priority;
  };
  EXPECT_EQ(priority_of(Priority::kHigh, Priority::kNormal), Priority::kNormal);
  EXPECT_EQ(priority_of(Priority::kLow, Priority::kNormal), Priority::kLow);
  EXPECT_EQ(priority_of(Priority::kHigh, Priority::kHigh), Priority::kHigh);
}

TEST_F(RequestFlowTest, WhoMayNotComeInIsDeniedAndOnRecordByName) {
  RequestFlow::Arrival arrival = ArrivalOf("");
  arrival.caller = "shop";
  arrival.fault = absl::PermissionDeniedError("not this");
  EXPECT_THAT(Run(std::move(arrival), OnePicture()),
              StatusIs(absl::StatusCode::kPermissionDenied, "not this"));
  EXPECT_THAT(observer_.rejections, ElementsAre(Rejection::kDenied));
  EXPECT_EQ(observer_.done[0].caller, "shop");
}

TEST_F(RequestFlowTest, TheRecordTellsWhoseItWasAndWhatWasLeftOut) {
  scheduler_.result = {.degraded = true, .usage = {.cached_tokens = 7}};
  ParsedRequest parsed = OnePicture();
  parsed.priority = Priority::kLow;
  ASSERT_OK(Run(ArrivalOf("alice"), std::move(parsed)));
  EXPECT_TRUE(sink_.outcome().result.degraded);
  ASSERT_EQ(observer_.done.size(), 1u);
  EXPECT_EQ(observer_.done[0].tenant, "alice");
  EXPECT_EQ(observer_.done[0].priority, Priority::kLow);
  EXPECT_TRUE(observer_.done[0].scheduled);
  EXPECT_TRUE(observer_.done[0].result.degraded);
  EXPECT_EQ(observer_.done[0].result.usage.cached_tokens, 7);
  EXPECT_THAT(observer_.rejections, IsEmpty());
}

}  // namespace
}  // namespace mrmllm
