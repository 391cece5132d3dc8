// SPDX-License-Identifier: Apache-2.0
#include "server/security/callers_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

const std::string& HashA() {
  static const auto& hash = *new std::string(FormatKeyHash(DigestOfKey("key a")));
  return hash;
}

// One good caller, with `more` lines of its own.
std::string OneCaller(const std::string& more) {
  return absl::StrCat("callers:\n  - id: shop\n    key_hashes: [\"", HashA(),
                      "\"]\n    rpcs: [Detect]\n", more);
}

std::string Fault(const std::string& yaml) {
  const auto callers = ParseCallers(yaml);
  return std::string(callers.status().message());
}

TEST(CallersFileTest, ReadsEveryField) {
  const auto read = ParseCallers(absl::StrReplaceAll(R"(
callers:
  - id: shop
    tenants: [shop, shop-test]
    key_hashes: ["HASH"]
    certificates: ["uri:spiffe://prod/shop", "dns:shop.example", "cn:shop"]
    rpcs: [Detect, Ask]
    admin: true
    max_priority: normal
    requests_per_second: 2.5
    burst: 10
tenants:
  shop: {weight: 3, max_requests: 32, max_pixels: 1000, max_tokens: 2000, requests_per_second: 100}
)",
                                                     {{"HASH", HashA()}}));
  ASSERT_TRUE(read.ok()) << read.status();
  const Caller& caller = read->callers[0];
  EXPECT_EQ(caller.id, "shop");
  EXPECT_THAT(caller.tenants, ElementsAre("shop", "shop-test"));
  EXPECT_THAT(caller.keys, ElementsAre(DigestOfKey("key a")));
  EXPECT_THAT(caller.certificates,
              ElementsAre("uri:spiffe://prod/shop", "dns:shop.example", "cn:shop"));
  EXPECT_THAT(caller.rpcs, UnorderedElementsAre("Detect", "Ask"));
  EXPECT_FALSE(caller.any_rpc);
  EXPECT_TRUE(caller.admin);
  EXPECT_EQ(caller.max_priority, Priority::kNormal);
  EXPECT_EQ(caller.rate.per_second, 2.5);
  EXPECT_EQ(caller.rate.burst, 10);
  const TenantTerms& terms = read->tenants.at("shop");
  EXPECT_EQ(terms.weight, 3);
  EXPECT_EQ(terms.quota, (LedgerAmounts{.requests = 32, .pixels = 1000, .tokens = 2000}));
  EXPECT_EQ(terms.rate.per_second, 100);
}

TEST(CallersFileTest, ACallerIsItsOwnTenantAndNoAdministratorUnlessItSays) {
  const auto read = ParseCallers(OneCaller(""));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->callers[0].tenants, ElementsAre("shop"));
  EXPECT_FALSE(read->callers[0].admin);
  EXPECT_EQ(read->callers[0].max_priority, Priority::kHigh);
}

TEST(CallersFileTest, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(Fault(OneCaller("    prio: low\n")), HasSubstr("callers[0]: expected the fields"));
  EXPECT_THAT(Fault(OneCaller("    id: again\n")), HasSubstr("callers[0].id: came twice"));
  EXPECT_THAT(Fault(OneCaller("    max_priority: urgent\n")), HasSubstr("got 'urgent'"));
  EXPECT_THAT(Fault(OneCaller("    admin: yes\n")), HasSubstr("callers[0].admin"));
  EXPECT_THAT(Fault(OneCaller("    requests_per_second: nan\n")), HasSubstr("requests_per_second"));
  EXPECT_THAT(Fault(OneCaller("    burst: 5\n")), HasSubstr("expected requests_per_second"));
  EXPECT_THAT(Fault(OneCaller("    tenant: two words\n")), HasSubstr("callers[0].tenant"));
  EXPECT_THAT(Fault(OneCaller("    tenant: a\n    tenants: [b]\n")), HasSubstr("got both"));
  EXPECT_THAT(Fault(OneCaller("    certificates: [shop]\n")), HasSubstr("uri:, dns: or cn:"));
  EXPECT_THAT(Fault(OneCaller("tenants:\n  shop: {weight: 0}\n")),
              HasSubstr("tenants.shop.weight"));
  EXPECT_THAT(Fault(OneCaller("tenants:\n  shop: {speed: 1}\n")), HasSubstr("got 'speed'"));
  EXPECT_THAT(Fault("callers:\n  - {id: shop, rpcs: [\"*\"]}\n"), HasSubstr("key_hashes"));
  EXPECT_THAT(Fault(absl::StrCat("callers:\n  - {id: shop, key_hashes: [\"", HashA(), "\"]}\n")),
              HasSubstr("expected rpcs"));
  EXPECT_THAT(Fault(OneCaller("    rpcs2: [\"*\"]\n")), HasSubstr("rpcs2"));
}

TEST(CallersFileTest, AnythingButAFileOfCallersIsRefused) {
  for (const std::string yaml :
       {"", "callers:", "callers: []", "- a", "callers: {a: b}", "[[[", "a: &x [*x]"}) {
    EXPECT_NE(Fault(yaml), "") << yaml;
  }
}

TEST(CallersFileTest, AKeyInPlaceOfItsHashIsNotRepeated) {
  const std::string fault =
      Fault("callers:\n  - {id: shop, key_hashes: [mrm_secret], rpcs: [Detect]}\n");
  EXPECT_THAT(fault, HasSubstr("callers[0].key_hashes"));
  EXPECT_THAT(fault, Not(HasSubstr("secret")));
}

TEST(CallersFileTest, NothingBelongsToTwoCallers) {
  const std::string shop = OneCaller("    certificates: [\"cn:shop\"]\n");
  EXPECT_THAT(Fault(absl::StrCat(shop, "  - {id: shop, certificates: [\"cn:b\"], rpcs: [Ask]}\n")),
              HasSubstr("caller 'shop': came twice"));
  EXPECT_THAT(Fault(absl::StrCat(shop, "  - {id: b, certificates: [\"cn:shop\"], rpcs: [Ask]}\n")),
              HasSubstr("the certificate 'cn:shop'"));
  EXPECT_THAT(
      Fault(absl::StrCat(shop, "  - {id: b, key_hashes: [\"", HashA(), "\"], rpcs: [Ask]}\n")),
      HasSubstr("caller 'b': has a key that came before"));
}

}  // namespace
}  // namespace mrmllm
