// SPDX-License-Identifier: Apache-2.0
#include "server/security/file_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/security/certificates.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

TEST(FileTextTest, ReadsAFileAsItIs) {
  const std::string text("a\0b\r\n", 5);
  EXPECT_EQ(*ReadFileText(WriteTestFile("text", text), 5), text);
}

TEST(FileTextTest, NamesTheFileItCannotRead) {
  const absl::Status status = ReadFileText("/nowhere/file", 10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/file: No such file"));
  EXPECT_FALSE(ReadFileText(testing::TempDir(), 10).ok());
}

TEST(FileTextTest, ReadsNoMoreThanIsAllowed) {
  EXPECT_EQ(ReadFileText(WriteTestFile("text", "123456"), 5).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFileText("/dev/zero", 1000).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mrmllm
