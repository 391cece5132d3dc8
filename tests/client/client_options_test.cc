// SPDX-License-Identifier: Apache-2.0
#include "client/client_options.h"

#include <fstream>

#include "client/client.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

ClientOptions Valid() { return {.server_address = "localhost:1"}; }

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(ClientOptionsTest, AcceptsTheDefaults) { EXPECT_OK(Validate(Valid())); }

TEST(ClientOptionsTest, NamesTheFieldOutOfRange) {
  const auto expect_refused = [](auto change, const char* field) {
    ClientOptions options = Valid();
    change(options);
    EXPECT_THAT(Validate(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(field)));
  };
  expect_refused([](ClientOptions& o) { o.server_address.clear(); }, "server_address");
  expect_refused([](ClientOptions& o) { o.timeout = absl::ZeroDuration(); }, "timeout");
  expect_refused([](ClientOptions& o) { o.max_message_bytes = 10; }, "max_message_bytes");
  expect_refused([](ClientOptions& o) { o.api_key = "line\nbreak"; }, "api_key");
  expect_refused([](ClientOptions& o) { o.tenant = "two words"; }, "tenant");
  expect_refused([](ClientOptions& o) { o.clock = nullptr; }, "clock");
  expect_refused([](ClientOptions& o) { o.retry.max_attempts = 0; }, "retry.max_attempts");
}

TEST(ClientOptionsTest, DoesNotRepeatAKeyThatIsNotPrintable) {
  ClientOptions options = Valid();
  options.api_key = "secret\n";
  EXPECT_THAT(std::string(Validate(options).message()), testing::Not(HasSubstr("secret")));
}

TEST(TlsOptionsTest, WantsCertificateAndKeyTogether) {
  ClientOptions options = Valid();
  options.tls = {.enabled = true, .client_certificate_file = "client.pem"};
  EXPECT_THAT(Validate(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("private_key_file")));
}

TEST(TlsOptionsTest, RefusesOptionsThatWouldBeIgnored) {
  ClientOptions options = Valid();
  options.tls = {.root_certificates_file = "ca.pem"};
  EXPECT_THAT(Validate(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tls.enabled")));
}

TEST(TlsOptionsTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(MakeCredentials({.enabled = true, .root_certificates_file = "/no/such/ca.pem"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such/ca.pem")));
}

TEST(TlsOptionsTest, RefusesAFileThatIsNotPem) {
  const std::string path = WriteFile("not_pem", "hello");
  EXPECT_THAT(MakeCredentials({.enabled = true, .root_certificates_file = path}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PEM")));
}

TEST(ClientCreateTest, ReportsBadOptions) {
  EXPECT_THAT(Client::Create({}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("server_address")));
}

}  // namespace
}  // namespace mrmllm
