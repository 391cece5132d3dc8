// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/observers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Scrape(Metrics& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.collectable()->Collect());
}

TEST(SchedulerTelemetryTest, OccupancyIsTheShareOfTheStepsOwnBound) {
  Metrics metrics;
  Scheduler::Options bounds;
  bounds.max_batch_images = 8;
  bounds.max_prefill_tokens = 100;
  bounds.max_running_sequences = 10;
  SchedulerTelemetry telemetry(&metrics, bounds);
  telemetry.OnStep(StepKind::kPerceive, 4, 4, absl::Milliseconds(1));
  telemetry.OnStep(StepKind::kLookAgain, 6, 6, absl::Milliseconds(1));
  telemetry.OnStep(StepKind::kPrefill, 1, 25, absl::Milliseconds(1));
  telemetry.OnStep(StepKind::kDecode, 10, 10, absl::Milliseconds(1));
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_batch_occupancy_ratio_sum{stage=\"perceive\"} 0.5"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_batch_occupancy_ratio_sum{stage=\"look_again\"} 0.75"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_batch_occupancy_ratio_sum{stage=\"prefill\"} 0.25"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_batch_occupancy_ratio_sum{stage=\"decode_step\"} 1"));
}

TEST(SchedulerTelemetryTest, CountsPartsLookedAtAgainAndTheObjectsTheyBrought) {
  Metrics metrics;
  SchedulerTelemetry telemetry(&metrics, Scheduler::Options());
  telemetry.OnSecondLook(4, 2, 1);
  telemetry.OnSecondLook(3, 0, 1);
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_second_look_crops_total 7"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_second_look_boxes_total{outcome=\"added\"} 2"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_second_look_boxes_total{outcome=\"changed\"} 2"));
}

TEST(RpcTelemetryTest, CountsARequestByMethodAndCode) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  RequestRecord record;
  record.method = "Ask";
  record.status = absl::DeadlineExceededError("late");
  record.result.usage.answer_tokens = 3;
  telemetry.OnRequestDone(record);
  telemetry.OnRejection(Rejection::kOverload);
  telemetry.OnRejection(Rejection::kDenied);
  telemetry.OnAuthFailure(AuthFailure::kMethod);
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape,
              HasSubstr("mrmllm_requests_total{code=\"DEADLINE_EXCEEDED\",method=\"Ask\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_tokens_total{kind=\"answer\"} 3"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_rejections_total{reason=\"overload\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_rejections_total{reason=\"denied\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_auth_failures_total{reason=\"method_not_allowed\"} 1"));
}

TEST(RpcTelemetryTest, WaitsCountByPriorityForWhatTheSchedulerTook) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  RequestRecord record{.method = "Ask", .tenant = "alice", .priority = Priority::kLow};
  record.result.timings.perceive_queue = absl::Milliseconds(250);
  record.result.timings.prefill_queue = absl::Milliseconds(500);
  telemetry.OnRequestDone(record);
  EXPECT_THAT(Scrape(metrics), Not(HasSubstr("mrmllm_priority_wait_seconds_sum{")));
  record.scheduled = true;
  telemetry.OnRequestDone(record);
  EXPECT_THAT(Scrape(metrics),
              HasSubstr("mrmllm_priority_wait_seconds_sum{priority=\"low\"} 0.75"));
}

TEST(RpcTelemetryTest, TellsOfRepliesWithoutTheirAnswerAndOfDeadlinesThatCannotBeMet) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  RequestRecord record{.method = "PerceiveAndAnswer"};
  record.result.degraded = true;
  telemetry.OnRequestDone(record);
  telemetry.OnRejection(Rejection::kDeadline);
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_degraded_total 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_rejections_total{reason=\"deadline\"} 1"));
}

TEST(RpcTelemetryTest, TellsHowFarAnswersAndBoxesAgree) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  telemetry.OnAgreement(
      {.score = 0.5f,
       .claim_count = 4,
       .conflicts = {{.kind = ConflictKind::kAbsent}, {.kind = ConflictKind::kAbsent}}});
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_agreement_ratio_sum 0.5"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_conflicts_total{kind=\"absent\"} 2"));
}

TEST(RpcTelemetryTest, TheRequestsLineSaysWhichTraceItIsIn) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  RequestRecord record{.method = "Ask"};
  record.trace.trace_id = FreshTraceId();
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();  // where the log goes before it is started
  telemetry.OnRequestDone({.method = "Detect"});
  telemetry.OnRequestDone(record);
  record.trace.span_id = FreshSpanId();
  telemetry.OnRequestDone(record);
  FlushLog();
  const std::string log =
      testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
  const std::string trace = " trace_id=" + TraceHex(record.trace.trace_id);
  EXPECT_THAT(log, testing::ContainsRegex("method=Detect .*degraded=0\n"));
  EXPECT_THAT(log, HasSubstr(trace + "\n"));
  EXPECT_THAT(log, HasSubstr(trace + " span_id=" + TraceHex(record.trace.span_id) + "\n"));
}

TEST(RpcTelemetryTest, NoMetricHasATenantForALabel) {
  Metrics metrics;
  RpcTelemetry telemetry(&metrics);
  telemetry.OnRequestDone({.method = "Ask", .tenant = "alice", .scheduled = true});
  EXPECT_THAT(Scrape(metrics), Not(HasSubstr("alice")));
}

}  // namespace
}  // namespace mrmllm
