// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/model_telemetry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace mrmllm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Scrape(Metrics& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.collectable()->Collect());
}

TEST(ModelTelemetryTest, CountsLoadsByTheirOutcome) {
  Metrics metrics;
  ModelTelemetry telemetry(&metrics);
  telemetry.OnLoaded({.model_name = "coco", .model_version = "1"}, absl::Seconds(2));
  telemetry.OnLoadFailed("/models/coco/2", absl::FailedPreconditionError("checksum"));
  telemetry.OnLoadFailed("/models/coco/2", absl::FailedPreconditionError("checksum"));
  EXPECT_THAT(Scrape(metrics), AllOf(HasSubstr("mrmllm_model_loads_total{outcome=\"ok\"} 1"),
                                     HasSubstr("mrmllm_model_loads_total{outcome=\"failed\"} 2")));
}

TEST(ModelTelemetryTest, BuildInfoHasASeriesForEachModelInMemory) {
  Metrics metrics;
  ModelTelemetry telemetry(&metrics);
  const EngineInfo old{.model_name = "coco", .model_version = "1"};
  const EngineInfo fresh{.model_name = "coco", .model_version = "2"};
  telemetry.OnLoaded(old, absl::Seconds(2));
  telemetry.OnLoaded(fresh, absl::Seconds(2));
  EXPECT_THAT(Scrape(metrics),
              AllOf(HasSubstr("model_version=\"1\""), HasSubstr("model_version=\"2\"")));
  telemetry.OnFreed(old);
  EXPECT_THAT(Scrape(metrics),
              AllOf(Not(HasSubstr("model_version=\"1\"")), HasSubstr("model_version=\"2\"")));
}

}  // namespace
}  // namespace mrmllm
