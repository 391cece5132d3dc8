// SPDX-License-Identifier: Apache-2.0
#include "server/security/caller_directory.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

CallerDirectory Directory() {
  Callers callers;
  callers.callers = {{.id = "a", .keys = {DigestOfKey("1"), DigestOfKey("2")}},
                     {.id = "b", .keys = {DigestOfKey("3")}, .certificates = {"cn:b"}}};
  callers.tenants["a"].weight = 2;
  return CallerDirectory(std::move(callers));
}

TEST(CallerDirectoryTest, FindsTheCallerOfEveryKey) {
  const CallerDirectory directory = Directory();
  EXPECT_EQ(directory.FindByKey("1")->id, "a");
  EXPECT_EQ(directory.FindByKey("2")->id, "a");
  EXPECT_EQ(directory.FindByKey("3")->id, "b");
  EXPECT_EQ(directory.FindByKey("4"), nullptr);
  EXPECT_EQ(directory.FindByKey(""), nullptr);
}

TEST(CallerDirectoryTest, FindsTheFirstNameThatIsACallers) {
  const CallerDirectory directory = Directory();
  EXPECT_EQ(directory.FindByCertificate({"dns:b", "cn:b"})->id, "b");
  EXPECT_EQ(directory.FindByCertificate({"cn:a"}), nullptr);
  EXPECT_EQ(directory.FindByCertificate({}), nullptr);
}

TEST(CallerDirectoryTest, ATenantWithoutTermsHasEmptyOnes) {
  const CallerDirectory directory = Directory();
  EXPECT_EQ(directory.TermsOf("a").weight, 2);
  EXPECT_FALSE(directory.TermsOf("b").weight.has_value());
}

}  // namespace
}  // namespace mrmllm
