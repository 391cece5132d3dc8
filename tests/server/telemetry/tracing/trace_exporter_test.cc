// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/tracing/trace_exporter.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "tests/server/telemetry/tracing/otlp_sink.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

// A collector that answers as it is told, or not until it is cancelled.
class FakeClient : public OtlpClient {
 public:
  absl::StatusOr<int64_t> Export(const Request& request, absl::Duration timeout) override {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
    timeouts_.push_back(timeout);
    mutex_.Await(absl::Condition(this, &FakeClient::MayAnswer));
    if (cancelled_) return absl::CancelledError("cancelled");
    if (faults_ == 0) return refused_;
    --faults_;
    return fault_;
  }
  void Cancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
  }

  void FailNext(int times, absl::Status fault) {
    absl::MutexLock lock(&mutex_);
    faults_ = times;
    fault_ = std::move(fault);
  }
  void Refuse(int64_t spans) {
    absl::MutexLock lock(&mutex_);
    refused_ = spans;
  }
  void Hold(bool holding) {
    absl::MutexLock lock(&mutex_);
    holding_ = holding;
  }
  void AwaitAttempts(size_t count) {
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return requests_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
  }
  std::vector<Request> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  std::vector<absl::Duration> timeouts() {
    absl::MutexLock lock(&mutex_);
    return timeouts_;
  }

 private:
  bool MayAnswer() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !holding_ || cancelled_; }

  absl::Mutex mutex_;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Duration> timeouts_ ABSL_GUARDED_BY(mutex_);
  int faults_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status fault_ ABSL_GUARDED_BY(mutex_);
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// One of two spans: the request's and perceive.
RequestRecord TwoSpans(const std::string& request_id = "r") {
  RequestRecord record{
      .method = "Detect",
      .request_id = request_id,
      .trace = {.trace_id = FreshTraceId(), .span_id = FreshSpanId(), .sampled = true}};
  record.result.timings = {.submitted = absl::UnixEpoch(), .perceive = absl::Milliseconds(1)};
  return record;
}

class TraceExporterTest : public testing::Test {
 protected:
  void Start(TraceExporter::Options options = {}) {
    auto client = std::make_unique<FakeClient>();
    client_ = client.get();
    exporter_ = std::make_unique<TraceExporter>(options, std::move(client), &metrics_, &clock_);
  }
  void AdvanceBy(absl::Duration duration) {
    clock_.BlockUntilWaiters(1);
    clock_.Advance(duration);
  }
  std::string Scrape() {
    return prometheus::TextSerializer().Serialize(metrics_.collectable()->Collect());
  }
  static testing::Matcher<std::string> Counts(const char* outcome, int spans) {
    return HasSubstr(
        absl::StrCat("mrmllm_trace_spans_total{outcome=\"", outcome, "\"} ", spans, "\n"));
  }
  static testing::Matcher<std::string> CountsNo(const char* outcome) {
    return Not(HasSubstr(absl::StrCat("mrmllm_trace_spans_total{outcome=\"", outcome)));
  }

  FakeClock clock_;
  Metrics metrics_;
  FakeClient* client_ = nullptr;  // the exporter's
  std::unique_ptr<TraceExporter> exporter_;
};

TEST_F(TraceExporterTest, DeliversABatchOnceItsTimeHasCome) {
  Start({.service_name = "eyes"});
  exporter_->Offer(TwoSpans("a"));
  clock_.BlockUntilWaiters(1);
  exporter_->Offer(TwoSpans("b"));
  AdvanceBy(TraceExporter::kBatchDelay);
  client_->AwaitAttempts(1);
  exporter_->Stop(absl::Seconds(1));
  const auto requests = client_->requests();
  ASSERT_EQ(requests.size(), 1u);
  const auto& group = requests[0].resource_spans(0);
  EXPECT_EQ(group.scope_spans(0).spans_size(), 4);
  EXPECT_EQ(group.resource().attributes(0).key(), "service.name");
  EXPECT_EQ(group.resource().attributes(0).value().string_value(), "eyes");
  EXPECT_EQ(group.resource().attributes(1).key(), "service.version");
  EXPECT_EQ(group.resource().attributes(2).key(), "service.instance.id");
  EXPECT_EQ(group.resource().attributes(2).value().string_value().size(), 32u);
  EXPECT_THAT(Scrape(), Counts("exported", 4));
  EXPECT_THAT(Scrape(), CountsNo("failed"));
}

TEST_F(TraceExporterTest, AFullBatchDoesNotWait) {
  Start({.max_queued_spans = 8});  // half of it is a batch
  exporter_->Offer(TwoSpans());
  exporter_->Offer(TwoSpans());
  client_->AwaitAttempts(1);
}

TEST_F(TraceExporterTest, NothingIsMadeOfATraceThatIsNotSampled) {
  Start();
  RequestRecord record = TwoSpans();
  record.trace.sampled = false;
  exporter_->Offer(record);
  exporter_->Stop(absl::Seconds(1));
  EXPECT_TRUE(client_->requests().empty());
}

TEST_F(TraceExporterTest, ACollectorThatComesBackGetsWhatWaited) {
  Start();
  client_->FailNext(2, absl::UnavailableError("connection refused"));
  exporter_->Offer(TwoSpans("a"));
  AdvanceBy(TraceExporter::kBatchDelay);
  AdvanceBy(TraceExporter::kFirstBackOff);
  AdvanceBy(TraceExporter::kFirstBackOff);  // not enough the second time
  clock_.BlockUntilWaiters(1);
  EXPECT_EQ(client_->requests().size(), 2u);
  exporter_->Offer(TwoSpans("b"));
  clock_.Advance(TraceExporter::kFirstBackOff);
  client_->AwaitAttempts(3);
  AdvanceBy(TraceExporter::kBatchDelay);
  client_->AwaitAttempts(4);
  exporter_->Stop(absl::Seconds(1));
  EXPECT_EQ(client_->requests().size(), 4u);
  EXPECT_THAT(Scrape(), Counts("exported", 4));
  EXPECT_THAT(Scrape(), CountsNo("failed"));
  EXPECT_THAT(Scrape(), CountsNo("dropped"));
}

TEST_F(TraceExporterTest, ABatchIsGivenUpAfterItsAttempts) {
  Start();
  client_->FailNext(1000, absl::UnavailableError("connection refused"));
  exporter_->Offer(TwoSpans());
  AdvanceBy(TraceExporter::kBatchDelay);
  for (int attempt = 1; attempt < TraceExporter::kAttempts; ++attempt) {
    AdvanceBy(TraceExporter::kLongestBackOff);
  }
  client_->AwaitAttempts(TraceExporter::kAttempts);
  exporter_->Stop(absl::Seconds(1));
  EXPECT_EQ(client_->requests().size(), static_cast<size_t>(TraceExporter::kAttempts));
  EXPECT_THAT(Scrape(), Counts("failed", 2));
}

TEST_F(TraceExporterTest, WhatTheCollectorRefusesHasFailed) {
  Start();
  client_->FailNext(1, absl::InvalidArgumentError("no such thing"));
  exporter_->Offer(TwoSpans());
  AdvanceBy(TraceExporter::kBatchDelay);
  client_->AwaitAttempts(1);
  client_->Refuse(1);
  exporter_->Offer(TwoSpans());
  AdvanceBy(TraceExporter::kBatchDelay);
  client_->AwaitAttempts(2);
  exporter_->Stop(absl::Seconds(1));
  EXPECT_THAT(Scrape(), Counts("failed", 3));
  EXPECT_THAT(Scrape(), Counts("exported", 1));
}

TEST_F(TraceExporterTest, ASlowCollectorCostsTheNewestSpansAndNobodyWaits) {
  Start({.max_queued_spans = 8});
  client_->Hold(true);
  for (int i = 0; i < 2; ++i) exporter_->Offer(TwoSpans());
  client_->AwaitAttempts(1);  // these four are being sent, and count
  for (int i = 0; i < 5; ++i) exporter_->Offer(TwoSpans(absl::StrCat("later ", i)));
  EXPECT_THAT(Scrape(), Counts("dropped", 6));
  client_->Hold(false);
  client_->AwaitAttempts(2);
  exporter_->Stop(absl::Seconds(1));
  EXPECT_THAT(Scrape(), Counts("exported", 8));
  EXPECT_THAT(client_->requests()[1].DebugString(), HasSubstr("later 1"));
  EXPECT_THAT(client_->requests()[1].DebugString(), Not(HasSubstr("later 2")));
}

TEST_F(TraceExporterTest, StopSendsWhatWaits) {
  Start();
  exporter_->Offer(TwoSpans());
  exporter_->Stop(absl::Seconds(3));
  ASSERT_EQ(client_->requests().size(), 1u);
  EXPECT_EQ(client_->timeouts()[0], absl::Seconds(3));
  EXPECT_THAT(Scrape(), Counts("exported", 2));
  exporter_->Offer(TwoSpans());
  EXPECT_THAT(Scrape(), Counts("dropped", 2));
}

TEST_F(TraceExporterTest, StopTriesADeadCollectorOnceABatch) {
  Start();
  client_->FailNext(1000, absl::UnavailableError("connection refused"));
  exporter_->Offer(TwoSpans());
  AdvanceBy(TraceExporter::kBatchDelay);
  clock_.BlockUntilWaiters(1);  // it backs off
  exporter_->Offer(TwoSpans());
  exporter_->Stop(absl::Seconds(3));
  EXPECT_EQ(client_->requests().size(), 3u);
  EXPECT_THAT(Scrape(), Counts("failed", 4));
}

TEST_F(TraceExporterTest, StopWaitsNoLongerThanItIsTold) {
  Start();
  client_->Hold(true);
  exporter_->Offer(TwoSpans());
  AdvanceBy(TraceExporter::kBatchDelay);
  client_->AwaitAttempts(1);
  std::thread stopping([&] { exporter_->Stop(absl::Seconds(3)); });
  AdvanceBy(absl::Seconds(3));
  stopping.join();
  EXPECT_THAT(Scrape(), Counts("failed", 2));
}

TEST(TraceExporterSmokeTest, SpansReachACollectorOverTheWire) {
  OtlpSink sink;
  Metrics metrics;
  TraceExporter exporter({}, MakeOtlpClient(sink.endpoint()), &metrics, Clock::Real());
  exporter.Offer(TwoSpans());
  EXPECT_EQ(sink.AwaitSpans(2).size(), 2u);
}

}  // namespace
}  // namespace mrmllm
