// SPDX-License-Identifier: Apache-2.0
#include "server/config/config_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/settings_table.h"

namespace mrmllm {
namespace {

using ::testing::HasSubstr;

TEST(ConfigTextTest, WhatIsPrintedReadsBackTheSame) {
  ServerConfig config;
  config.scheduler_max_queue_delay = absl::Milliseconds(3);
  config.bundle_directory = "a \"quoted\\\" path";
  ServerConfig read;
  ASSERT_TRUE(ReadConfigYaml(ConfigYaml(config), &read).ok());
  EXPECT_EQ(read, config);
}

TEST(ConfigTextTest, WhatIsNotMentionedStays) {
  ServerConfig config;
  config.decode_threads = 7;
  ASSERT_TRUE(ReadConfigYaml("cache:\n  capacity_bytes: 0\nmetrics:\n  address:\n", &config).ok());
  EXPECT_EQ(config.cache_capacity_bytes, 0);
  EXPECT_EQ(config.metrics_address, "");
  EXPECT_EQ(config.decode_threads, 7);
  EXPECT_TRUE(ReadConfigYaml("", &config).ok());
}

TEST(ConfigTextTest, RefusesOtherForms) {
  ServerConfig config;
  for (const char* yaml : {"- a", "server: 1", "server:\n  address: [1]", "a: {b: {c: 1}}", "a: [",
                           "server:\n  adress: x"}) {
    EXPECT_EQ(ReadConfigYaml(yaml, &config).code(), absl::StatusCode::kInvalidArgument) << yaml;
  }
  EXPECT_THAT(std::string(ReadConfigYaml("\nserver: 1", &config).message()), HasSubstr("line 2"));
}

TEST(ConfigTextTest, TheTableHasEverySetting) {
  const std::string table = ConfigMarkdown();
  for (const Setting& setting : AllSettings()) {
    EXPECT_THAT(table, HasSubstr("| `" + setting.name + "` |"));
  }
}

}  // namespace
}  // namespace mrmllm
