// SPDX-License-Identifier: Apache-2.0
#include "model/language/kv/prefix_key.h"

#include <openssl/sha.h>

#include <cstring>
#include <string>

namespace mrmllm {
namespace {

static_assert(std::tuple_size_v<PrefixKey> == SHA256_DIGEST_LENGTH);

PrefixKey Digest(const void* bytes, size_t size) {
  PrefixKey key;
  SHA256(static_cast<const unsigned char*>(bytes), size, key.data());
  return key;
}

}  // namespace

PrefixKey RootPrefixKey(absl::Span<const std::string_view> identity) {
  // Each part with its size in front, so that no two lists are the same bytes.
  std::string bytes;
  for (const std::string_view part : identity) {
    const uint64_t size = part.size();
    bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
    bytes.append(part);
  }
  return Digest(bytes.data(), bytes.size());
}

std::vector<PrefixKey> PrefixKeys(const PrefixKey& root, absl::Span<const int32_t> tokens,
                                  int block_tokens) {
  std::vector<PrefixKey> keys;
  keys.reserve(tokens.size() / block_tokens);
  const size_t block_bytes = block_tokens * sizeof(int32_t);
  std::vector<uint8_t> bytes(root.size() + block_bytes);
  PrefixKey parent = root;
  for (size_t t = 0; t + block_tokens <= tokens.size(); t += block_tokens) {
    std::memcpy(bytes.data(), parent.data(), parent.size());
    std::memcpy(bytes.data() + parent.size(), tokens.data() + t, block_bytes);
    parent = Digest(bytes.data(), bytes.size());
    keys.push_back(parent);
  }
  return keys;
}

}  // namespace mrmllm
