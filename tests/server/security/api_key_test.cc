// SPDX-License-Identifier: Apache-2.0
#include "server/security/api_key.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ApiKeyTest, HashesAsSha256DoesEverywhere) {
  EXPECT_EQ(FormatKeyHash(DigestOfKey("abc")),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ApiKeyTest, FreshKeysAreLongAndDiffer) {
  const std::string key = *NewApiKey();
  EXPECT_THAT(key, StartsWith("mrm_"));
  EXPECT_GE(key.size(), 4u + 43u);  // 32 bytes in base64
  EXPECT_NE(key, *NewApiKey());
}

TEST(ApiKeyTest, AHashSurvivesTheFile) {
  const KeyDigest digest = DigestOfKey("a key");
  EXPECT_TRUE(SameDigest(*ParseKeyHash(FormatKeyHash(digest)), digest));
  EXPECT_FALSE(SameDigest(DigestOfKey("a kez"), digest));
}

TEST(ApiKeyTest, WhatIsNoHashIsNotRepeated) {
  for (const std::string text : {"mrm_secret", "sha256:secret", "sha256:", ""}) {
    const absl::Status status = ParseKeyHash(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(ParseKeyHash("sha256:" + std::string(64, 'g')).ok());
}

}  // namespace
}  // namespace mrmllm
