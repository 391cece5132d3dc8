// SPDX-License-Identifier: Apache-2.0
#include "server/security/api_key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";

}  // namespace

KeyDigest DigestOfKey(std::string_view key) {
  KeyDigest digest;
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return digest;
}

absl::StatusOr<std::string> NewApiKey() {
  std::array<unsigned char, 32> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return absl::InternalError("the system has no randomness to make a key of");
  }
  return absl::StrCat("mrm_", absl::WebSafeBase64Escape(absl::string_view(
                                  reinterpret_cast<const char*>(random.data()), random.size())));
}

std::string FormatKeyHash(const KeyDigest& digest) {
  return absl::StrCat(AbslView(kHashPrefix),
                      absl::BytesToHexString(absl::string_view(
                          reinterpret_cast<const char*>(digest.data()), digest.size())));
}

absl::StatusOr<KeyDigest> ParseKeyHash(std::string_view text) {
  KeyDigest digest;
  const bool prefixed = text.starts_with(kHashPrefix);
  if (prefixed) text.remove_prefix(kHashPrefix.size());
  const bool hexadecimal =
      std::ranges::all_of(text, [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (!prefixed || !hexadecimal || text.size() != 2 * digest.size()) {
    return absl::InvalidArgumentError(
        "expected sha256: and 64 hexadecimal digits, as mrmllm_server --hash-api-key prints them");
  }
  const std::string bytes = absl::HexStringToBytes(AbslView(text));
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

bool SameDigest(const KeyDigest& a, const KeyDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mrmllm
