// SPDX-License-Identifier: Apache-2.0
#include "tests/server/security/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

// A test has nothing to free in a hurry, and nothing to go on with after a failure.
template <typename Value>
Value Check(Value value) {
  if (!value) std::abort();
  return value;
}

std::string Text(BIO* output) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(output, &text);
  std::string copy(text, static_cast<size_t>(size));
  BIO_free(output);
  return copy;
}

std::string ToPem(X509* certificate) {
  BIO* output = BIO_new(BIO_s_mem());
  Check(PEM_write_bio_X509(output, certificate));
  return Text(output);
}

std::string ToPem(EVP_PKEY* key) {
  BIO* output = BIO_new(BIO_s_mem());
  Check(PEM_write_bio_PrivateKey(output, key, nullptr, nullptr, 0, nullptr, nullptr));
  return Text(output);
}

X509* CertificateOf(const std::string& pem) {
  BIO* input = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = Check(PEM_read_bio_X509(input, nullptr, nullptr, nullptr));
  BIO_free(input);
  return certificate;
}

EVP_PKEY* KeyOf(const std::string& pem) {
  BIO* input = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = Check(PEM_read_bio_PrivateKey(input, nullptr, nullptr, nullptr));
  BIO_free(input);
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = Check(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// `issuer` null: signs itself, as an authority.
TestIdentity Make(const TestCertificate& wanted, const TestIdentity* issuer) {
  EVP_PKEY* key = Check(EVP_EC_gen("P-256"));
  X509* certificate = Check(X509_new());
  X509_set_version(certificate, 2);
  uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(wanted.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(wanted.not_after));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1,
                             -1, 0);
  X509_set_pubkey(certificate, key);
  X509* signer = issuer ? CertificateOf(issuer->certificate) : certificate;
  EVP_PKEY* signing_key = issuer ? KeyOf(issuer->key) : key;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  AddExtension(certificate, signer, NID_basic_constraints, issuer ? "CA:FALSE" : "CA:TRUE");
  if (issuer && !wanted.alternative_names.empty()) {
    AddExtension(certificate, signer, NID_subject_alt_name, wanted.alternative_names);
  }
  Check(X509_sign(certificate, signing_key, EVP_sha256()));
  TestIdentity made{ToPem(certificate), ToPem(key)};
  if (issuer) {
    X509_free(signer);
    EVP_PKEY_free(signing_key);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name, absl::Time now)
    : own_(Make({.common_name = name,
                 .not_before = now - absl::Hours(24 * 365 * 5),
                 .not_after = now + absl::Hours(24 * 365 * 5)},
                nullptr)) {}

TestIdentity TestAuthority::Issue(const TestCertificate& certificate) const {
  return Make(certificate, &own_);
}

std::string WriteTestFile(const std::string& name, const std::string& text) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path =
      testing::TempDir() + "/" + test->test_suite_name() + "." + test->name() + "." + name;
  std::ofstream(path + ".partial", std::ios::binary) << text;
  std::rename((path + ".partial").c_str(), path.c_str());
  return path;
}

}  // namespace mrmllm
