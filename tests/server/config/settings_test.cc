// SPDX-License-Identifier: Apache-2.0
#include "server/config/settings.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

TEST(SettingsTest, EveryDefaultIsInItsOwnRange) {
  ServerConfig config;
  for (const Setting& setting : AllSettings()) {
    EXPECT_TRUE(SetSetting(setting.name, SettingText(setting, ServerConfig()), &config).ok())
        << setting.name;
  }
  EXPECT_EQ(config, ServerConfig());
}

TEST(SettingsTest, SetsEveryKindOfValue) {
  ServerConfig config;
  EXPECT_TRUE(SetSetting("server.address", "[::]:8001", &config).ok());
  EXPECT_TRUE(SetSetting("scheduler.max_batch_images", "4", &config).ok());
  EXPECT_TRUE(SetSetting("bundle.verify_checksums", "false", &config).ok());
  EXPECT_TRUE(SetSetting("drain.delay", "250ms", &config).ok());
  EXPECT_TRUE(SetSetting("tenancy.weights", "a=3, b=0.5", &config).ok());
  EXPECT_TRUE(SetSetting("tenancy.metadata_key", "", &config).ok());
  EXPECT_TRUE(SetSetting("tracing.sample_ratio", "0.25", &config).ok());
  EXPECT_TRUE(SetSetting("tracing.endpoint", "https://otel.example:4317", &config).ok());
  EXPECT_EQ(config.tracing_sample_ratio, 0.25);
  EXPECT_EQ(config.server_address, "[::]:8001");
  EXPECT_EQ(config.scheduler_max_batch_images, 4);
  EXPECT_FALSE(config.bundle_verify_checksums);
  EXPECT_EQ(config.drain_delay, absl::Milliseconds(250));
  EXPECT_EQ(config.tenancy_weights, "a=3, b=0.5");
  EXPECT_EQ(config.tenancy_metadata_key, "");
}

struct BadValue {
  const char* name;
  const char* value;
  const char* message;
};

class BadSettingTest : public testing::TestWithParam<BadValue> {};

TEST_P(BadSettingTest, IsRefusedByName) {
  ServerConfig config;
  absl::Status status = SetSetting(GetParam().name, GetParam().value, &config);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  EXPECT_EQ(config, ServerConfig());
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadSettingTest,
    testing::Values(
        BadValue{"scheduler.max_batch_images", "many",
                 "scheduler.max_batch_images: expected a whole number in [1, 256], got 'many'"},
        BadValue{"scheduler.max_batch_images", "0", "got '0'"},
        BadValue{"scheduler.max_batch_images", "257", "got '257'"},
        BadValue{"bundle.verify_checksums", "yes", "expected true or false"},
        BadValue{"drain.delay", "5", "expected a duration in [0, 1h]"},
        BadValue{"drain.delay", "-1s", "expected a duration"},
        BadValue{"log.level", "loud", "expected one of debug, info"},
        BadValue{"tenancy.metadata_key", "X-Tenant", "tenancy.metadata_key: expected a gRPC"},
        BadValue{"tenancy.metadata_key", "grpc-tenant", "does not begin with grpc-"},
        BadValue{"tenancy.metadata_key", "tenant-bin", "nor end with -bin"},
        BadValue{"tenancy.weights", "a=3,b",
                 "tenancy.weights: expected pairs like a=3,b=0.5, or nothing, got 'a=3,b': 'b' is "
                 "not of the form tenant=weight"},
        BadValue{"tracing.sample_ratio", "1.5", "expected a number in [0, 1], got '1.5'"},
        BadValue{"tracing.sample_ratio", "nan", "got 'nan'"},
        BadValue{"tracing.endpoint", "otel.example", "for example localhost:4317"},
        BadValue{"tracing.endpoint", "http://:4317", "for example localhost:4317"},
        BadValue{"second_look.mode", "sometimes",
                 "second_look.mode: expected one of off, automatic, always, got 'sometimes'"},
        BadValue{"second_look.max_crops", "17", "a whole number in [1, 16], got '17'"},
        BadValue{"tenancy.max_tokens", "-1", "got '-1'"},
        BadValue{"device.dtype", "int3", "expected one of auto, float32, bfloat16, int8, int4"},
        BadValue{"scheduler.max_batch_image", "1",
                 "the nearest known one is scheduler.max_batch_images"}));

}  // namespace
}  // namespace mrmllm
