// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SECURITY_API_KEY_H_
#define MRMLLM_SERVER_SECURITY_API_KEY_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace mrmllm {

// What is kept of an API key: its SHA-256. Keys are 32 random bytes, so nothing slower is needed:
// nobody can try them all.
using KeyDigest = std::array<uint8_t, 32>;

KeyDigest DigestOfKey(std::string_view key);

// A fresh key: "mrm_" and 32 bytes of the system's randomness in base64url.
// Errors: INTERNAL when there is no randomness.
absl::StatusOr<std::string> NewApiKey();

// "sha256:" and 64 hexadecimal digits, as the callers file has it.
std::string FormatKeyHash(const KeyDigest& digest);

// Errors: INVALID_ARGUMENT, which never repeats the text: it might be the key itself.
absl::StatusOr<KeyDigest> ParseKeyHash(std::string_view text);

// In a time that does not depend on where they differ.
bool SameDigest(const KeyDigest& a, const KeyDigest& b);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SECURITY_API_KEY_H_
