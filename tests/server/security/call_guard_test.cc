// SPDX-License-Identifier: Apache-2.0
#include "server/security/call_guard.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

Callers TwoCallers() {
  Callers callers;
  callers.callers = {
      {.id = "shop",
       .tenants = {"shop", "shop-test"},
       .keys = {DigestOfKey("shop key"), DigestOfKey("shop key 2")},
       .rpcs = {"Detect"},
       .max_priority = Priority::kLow},
      {.id = "office",
       .tenants = {"office"},
       .keys = {DigestOfKey("office key")},
       .certificates = {"uri:spiffe://test/office"},
       .any_rpc = true,
       .admin = true},
  };
  return callers;
}

class CallGuardTest : public testing::Test {
 protected:
  void Close(Callers callers = TwoCallers()) {
    guard_.SetCallers(std::make_shared<CallerDirectory>(std::move(callers)));
  }
  CallGuard::Verdict WithKey(std::string_view key, std::string_view method = "Detect",
                             std::string_view tenant = "") {
    return guard_.Check(method, {.api_key = key}, tenant);
  }

  FakeClock clock_;
  CallGuard guard_{{.clock = &clock_, .tenant_rate = {.per_second = 1, .burst = 100}}};
};

TEST_F(CallGuardTest, WithoutCallersEveryoneIsTheTenantTheyName) {
  EXPECT_FALSE(guard_.closed());
  const auto verdict = guard_.Check("Detect", {}, "alice");
  EXPECT_TRUE(verdict.status.ok());
  EXPECT_EQ(verdict.tenant, "alice");
  EXPECT_EQ(verdict.max_priority, Priority::kHigh);
}

TEST_F(CallGuardTest, WithoutCallersNobodyIsAnAdministratorUnlessAllAre) {
  EXPECT_TRUE(absl::IsPermissionDenied(guard_.Check("LoadModel", {}, "").status));
  CallGuard open({.clock = &clock_, .open_admin = true});
  EXPECT_TRUE(open.Check("LoadModel", {}, "").status.ok());
}

TEST_F(CallGuardTest, AKeyTellsTheCallerItsTenantAndItsCeiling) {
  Close();
  EXPECT_TRUE(guard_.closed());
  for (const std::string_view key : {"shop key", "shop key 2"}) {
    const auto verdict = WithKey(key);
    EXPECT_TRUE(verdict.status.ok()) << verdict.status;
    EXPECT_EQ(verdict.caller, "shop");
    EXPECT_EQ(verdict.tenant, "shop");
    EXPECT_EQ(verdict.max_priority, Priority::kLow);
  }
}

TEST_F(CallGuardTest, WhoIsNotKnownIsUnauthenticated) {
  Close();
  const struct {
    CallCredentials credentials;
    AuthFailure failure;
  } rows[] = {
      {{}, AuthFailure::kNoCredentials},
      {{.api_key = "shop kez"}, AuthFailure::kUnknownKey},
      {{.api_key = "x", .certificate = {"uri:spiffe://test/office"}}, AuthFailure::kUnknownKey},
      {{.certificate = {"uri:spiffe://test/stranger", "cn:office"}},
       AuthFailure::kUnknownCertificate},
      {{.malformed = true}, AuthFailure::kMalformed},
  };
  for (const auto& row : rows) {
    const auto verdict = guard_.Check("Detect", row.credentials, "shop");
    EXPECT_EQ(verdict.status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(verdict.failure, row.failure);
    EXPECT_EQ(verdict.tenant, "");
    EXPECT_THAT(std::string(verdict.status.message()), Not(HasSubstr("kez")));
  }
}

TEST_F(CallGuardTest, ACertificateIsAsGoodAsAKey) {
  Close();
  const auto verdict =
      guard_.Check("Ask", {.certificate = {"dns:office.example", "uri:spiffe://test/office"}}, "");
  EXPECT_TRUE(verdict.status.ok()) << verdict.status;
  EXPECT_EQ(verdict.caller, "office");
}

TEST_F(CallGuardTest, WhoMayNotCallAMethodIsDenied) {
  Close();
  const auto verdict = WithKey("shop key", "Ask");
  EXPECT_EQ(verdict.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(verdict.failure, AuthFailure::kMethod);
  EXPECT_EQ(verdict.caller, "shop");
  EXPECT_TRUE(WithKey("office key", "Ask").status.ok());
}

TEST_F(CallGuardTest, OnlyAdministratorsLoadModels) {
  Callers callers = TwoCallers();
  callers.callers[0].any_rpc = true;
  Close(std::move(callers));
  for (const std::string_view method : {"LoadModel", "UnloadModel"}) {
    EXPECT_TRUE(absl::IsPermissionDenied(WithKey("shop key", method).status)) << method;
    EXPECT_TRUE(WithKey("office key", method).status.ok()) << method;
  }
}

TEST_F(CallGuardTest, ACallerWorksForItsOwnTenantsAlone) {
  Close();
  EXPECT_EQ(WithKey("shop key", "Detect", "shop-test").tenant, "shop-test");
  const auto verdict = WithKey("shop key", "Detect", "office");
  EXPECT_EQ(verdict.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(verdict.failure, AuthFailure::kTenant);
}

TEST_F(CallGuardTest, NewCallersTakeTheOldOnesPlaceAtOnce) {
  Close();
  Callers callers = TwoCallers();
  callers.callers[0].keys = {DigestOfKey("new shop key")};
  Close(std::move(callers));
  EXPECT_TRUE(absl::IsUnauthenticated(WithKey("shop key").status));
  EXPECT_TRUE(WithKey("new shop key").status.ok());
}

TEST_F(CallGuardTest, TooManyCallsASecondAreToldWhenToComeBack) {
  Callers callers = TwoCallers();
  callers.callers[0].rate = {.per_second = 2, .burst = 1};
  Close(std::move(callers));
  EXPECT_TRUE(WithKey("shop key").status.ok());
  const auto verdict = WithKey("shop key 2");
  EXPECT_EQ(verdict.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(verdict.retry_after, absl::Milliseconds(500));
  EXPECT_FALSE(verdict.failure.has_value());
  EXPECT_TRUE(WithKey("office key").status.ok());
  clock_.Advance(verdict.retry_after);
  EXPECT_TRUE(WithKey("shop key").status.ok());
}

TEST_F(CallGuardTest, ATenantsOwnRateComesBeforeTheUsual) {
  Callers callers = TwoCallers();
  callers.tenants["shop"].rate = {.per_second = 1, .burst = 1};
  Close(std::move(callers));
  EXPECT_TRUE(WithKey("shop key").status.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(WithKey("shop key").status));
  EXPECT_TRUE(WithKey("shop key", "Detect", "shop-test").status.ok());
}

TEST_F(CallGuardTest, WhoIsRefusedUsesUpNobodysRate) {
  Callers callers = TwoCallers();
  callers.callers[0].rate = {.per_second = 1, .burst = 1};
  Close(std::move(callers));
  for (int i = 0; i < 10; ++i) WithKey("shop key", "Ask");
  EXPECT_TRUE(WithKey("shop key").status.ok());
}

}  // namespace
}  // namespace mrmllm
