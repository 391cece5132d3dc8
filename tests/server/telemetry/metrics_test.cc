// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/metrics.h"

#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

std::string Scrape(Metrics& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.collectable()->Collect());
}

// Touches every family, so that each shows in a scrape.
void RecordOneOfEach(Metrics& metrics) {
  metrics.RecordRequest("Detect", "OK", absl::Milliseconds(30));
  metrics.RecordRejection("overload");
  metrics.RecordAuthFailure("unknown_key");
  metrics.RecordImageDecode(absl::Milliseconds(3));
  metrics.RecordCacheLookup(1, 2);
  metrics.RecordTokens(
      {.prompt_tokens = 100, .perception_tokens = 40, .cached_tokens = 64, .answer_tokens = 7});
  metrics.RecordDegraded();
  metrics.RecordAgreement(0.75);
  metrics.RecordConflict("count");
  metrics.RecordTraceSpans("dropped", 6);
  metrics.RecordPriorityWait(Priority::kHigh, absl::Milliseconds(500));
  metrics.RecordStep(StepKind::kPerceive, 4, 0.5, absl::Milliseconds(20));
  metrics.RecordQueueWait(StepKind::kPrefill, absl::Milliseconds(1));
  metrics.RecordFirstToken(absl::Milliseconds(300));
  metrics.RecordTimePerOutputToken(absl::Milliseconds(20));
  metrics.RecordSharedPerceptions(9);
  metrics.RecordSecondLook(4, 2, 1);
  metrics.SetLoad(1, 2, 3);
  metrics.SetCertificateExpiry(absl::FromUnixSeconds(1'800'000'000));
  metrics.SetStartupPhase("load", absl::Seconds(2));
  metrics.AddBuildInfo("0.1.0", {});
  metrics.RecordModelLoad("ok");
  metrics.SetSnapshotSource([] {
    return LoadSnapshot{.admitted = {.pixels = 640, .kv_blocks = 9},
                        .cache = {.evictions = 3},
                        .kv = {.total_blocks = 90, .reserved_blocks = 20, .cached_blocks = 30},
                        .predicted_queue_wait = absl::Milliseconds(2500),
                        .engines_in_service = 2};
  });
}

TEST(MetricsTest, NamesHelpAndTypesAreThoseOfTheGoldenFile) {
  Metrics metrics;
  RecordOneOfEach(metrics);
  std::string lines;
  std::istringstream scrape(Scrape(metrics));
  for (std::string line; std::getline(scrape, line);) {
    if (line.starts_with("# ")) lines += line + "\n";
  }
  std::ifstream file(MRMLLM_SOURCE_DIR "/tests/server/telemetry/metrics.golden.txt");
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(lines, golden) << "a metric changed: dashboards and alerts rely on these lines";
}

TEST(MetricsTest, RecordsWhatItIsTold) {
  Metrics metrics;
  RecordOneOfEach(metrics);
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_requests_total{code=\"OK\",method=\"Detect\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_tokens_total{kind=\"perception\"} 40"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_stage_duration_seconds_sum{stage=\"perceive\"} 0.02"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_admitted{what=\"pixels\"} 640"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_auth_failures_total{reason=\"unknown_key\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_tls_certificate_expiry_timestamp_seconds 1800000000"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_cache_misses_total 2"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_prefix_cached_tokens_total 64"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_degraded_total 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_agreement_ratio_sum 0.75"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_conflicts_total{kind=\"count\"} 1"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_trace_spans_total{outcome=\"dropped\"} 6"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_perceive_shared_total 9"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_priority_wait_seconds_sum{priority=\"high\"} 0.5"));
}

TEST(MetricsTest, ReadsTheLoadWhenItIsAsked) {
  Metrics metrics;
  RecordOneOfEach(metrics);
  const std::string scrape = Scrape(metrics);
  EXPECT_THAT(scrape, HasSubstr("mrmllm_admitted{what=\"kv_blocks\"} 9"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_kv_blocks{state=\"total\"} 90"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_kv_blocks{state=\"reserved\"} 20"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_kv_blocks{state=\"cached\"} 30"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_predicted_queue_wait_seconds 2.5"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_engines_in_service 2"));
  EXPECT_THAT(scrape, HasSubstr("mrmllm_cache_evictions_total 3"));
}

TEST(MetricsTest, EvictionsAreCountedOnceHoweverOftenOneLooks) {
  Metrics metrics;
  int64_t evictions = 3;
  metrics.SetSnapshotSource([&] { return LoadSnapshot{.cache = {.evictions = evictions}}; });
  Scrape(metrics);
  Scrape(metrics);
  evictions = 4;
  EXPECT_THAT(Scrape(metrics), HasSubstr("mrmllm_cache_evictions_total 4"));
}

TEST(MetricsTest, ScrapesWithoutASnapshotSource) {
  Metrics metrics;
  metrics.SetSnapshotSource([] { return LoadSnapshot{.cache = {.size_bytes = 5}}; });
  EXPECT_THAT(Scrape(metrics), HasSubstr("mrmllm_cache_bytes 5"));
  metrics.SetSnapshotSource(nullptr);
  EXPECT_THAT(Scrape(metrics), HasSubstr("mrmllm_cache_bytes 5"));
}

}  // namespace
}  // namespace mrmllm
