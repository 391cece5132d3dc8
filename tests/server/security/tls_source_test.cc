// SPDX-License-Identifier: Apache-2.0
#include "server/security/tls/tls_source.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/security/certificates.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsSourceTest : public testing::Test {
 protected:
  TestIdentity Issue(absl::Duration lasts) {
    return authority_.Issue({.not_before = now_ - absl::Hours(1), .not_after = now_ + lasts});
  }
  void Write(const TestIdentity& identity) {
    files_.certificate_file = WriteTestFile("crt", identity.certificate);
    files_.key_file = WriteTestFile("key", identity.key);
  }
  std::string Fault() { return std::string(ReadTlsMaterial(files_, now_).status().message()); }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const TestAuthority authority_{"authority", now_};
  const TestIdentity first_ = Issue(absl::Hours(10));
  TlsFiles files_;
};

TEST_F(TlsSourceTest, EveryFaultNamesTheSettingAndTheFile) {
  Write(first_);
  EXPECT_EQ(Fault(), "");
  files_.client_ca_file = WriteTestFile("ca", "nothing");
  EXPECT_THAT(Fault(), AllOf(HasSubstr("tls.client_ca_file: "), HasSubstr(files_.client_ca_file)));
  files_.key_file = WriteTestFile("key", Issue(absl::Hours(1)).key);
  EXPECT_THAT(Fault(), AllOf(HasSubstr("tls.key_file: "), HasSubstr(files_.key_file),
                             HasSubstr("another certificate's")));
  files_.key_file = "/nowhere/key";
  EXPECT_THAT(Fault(), AllOf(HasSubstr("tls.key_file: "), HasSubstr("/nowhere/key"),
                             HasSubstr("No such file")));
  Write(Issue(-absl::Minutes(1)));
  EXPECT_THAT(Fault(), AllOf(HasSubstr("tls.certificate_file: "), HasSubstr("expired at")));
}

TEST_F(TlsSourceTest, ANewCertificateTakesTheOldOnesPlace) {
  Write(first_);
  auto source = TlsSource::Create(files_, now_);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(*(*source)->Refresh(now_), false);
  const TestIdentity second = Issue(absl::Hours(20));
  Write(second);
  EXPECT_EQ(*(*source)->Refresh(now_), true);
  EXPECT_EQ((*source)->current()->certificates, second.certificate);
  EXPECT_EQ((*source)->current()->facts.not_after, now_ + absl::Hours(20));
}

TEST_F(TlsSourceTest, ABrokenNewOneLeavesTheOld) {
  Write(first_);
  auto source = *TlsSource::Create(files_, now_);
  WriteTestFile("key", "half a k");
  EXPECT_FALSE(source->Refresh(now_).ok());
  Write(Issue(-absl::Minutes(1)));
  EXPECT_FALSE(source->Refresh(now_).ok());
  EXPECT_EQ(source->current()->certificates, first_.certificate);
  EXPECT_EQ(source->current()->key, first_.key);
}

}  // namespace
}  // namespace mrmllm
