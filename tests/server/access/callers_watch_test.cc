// SPDX-License-Identifier: Apache-2.0
#include "server/access/callers_watch.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/security/certificates.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string File(const std::string& key, int max_requests) {
  return absl::StrCat("callers:\n  - {id: shop, key_hashes: [\"", FormatKeyHash(DigestOfKey(key)),
                      "\"], rpcs: [\"*\"]}\ntenants:\n  shop: {max_requests: ", max_requests,
                      "}\n");
}

class CallersWatchTest : public testing::Test {
 protected:
  bool Knows(std::string_view key) {
    return guard_.Check("Detect", {.api_key = key}, "").status.ok();
  }

  FakeClock clock_;
  CallGuard guard_{{.clock = &clock_}};
  const std::shared_ptr<TenantQuotas> quotas_ = std::make_shared<TenantQuotas>();
  const std::string path_ = WriteTestFile("callers.yaml", File("one", 5));
};

TEST_F(CallersWatchTest, AChangedFileCountsFromTheNextLook) {
  auto watch = CallersWatch::Create(path_, &guard_, quotas_);
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(Knows("one"));
  EXPECT_EQ(quotas_->Of("shop", {}).requests, 5);
  WriteTestFile("callers.yaml", File("two", 7));
  (*watch)->Look();
  EXPECT_FALSE(Knows("one"));
  EXPECT_TRUE(Knows("two"));
  EXPECT_EQ(quotas_->Of("shop", {.requests = 1, .pixels = 9}).requests, 7);
  EXPECT_EQ(quotas_->Of("shop", {.requests = 1, .pixels = 9}).pixels, 9);
  EXPECT_EQ(quotas_->Of("other", {.requests = 1}).requests, 1);
}

TEST_F(CallersWatchTest, ABrokenFileChangesNothing) {
  auto watch = *CallersWatch::Create(path_, &guard_, quotas_);
  WriteTestFile("callers.yaml", "callers: oops");
  watch->Look();
  EXPECT_TRUE(Knows("one"));
  std::remove(path_.c_str());
  watch->Look();
  EXPECT_TRUE(Knows("one"));
}

TEST_F(CallersWatchTest, TheFirstFileMustBeGood) {
  WriteTestFile("callers.yaml", "callers: oops");
  const absl::Status status = CallersWatch::Create(path_, &guard_, quotas_).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("auth.callers_file: "), HasSubstr(path_), HasSubstr("callers")));
}

}  // namespace
}  // namespace mrmllm
