// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TEXT_GOLDEN_READER_H_
#define MRMLLM_TESTS_MODEL_TEXT_GOLDEN_READER_H_

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mrmllm {

// The golden files of tests/golden/tokenizer, whose generators describe them.

inline constexpr uint64_t kFnvStart = 0xCBF29CE484222325;

inline uint64_t FnvHash(uint64_t hash, std::string_view bytes) {
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3;
  }
  return hash;
}

struct Fingerprint {
  uint32_t count = 0;
  uint64_t hash = 0;

  bool operator==(const Fingerprint&) const = default;
};

inline Fingerprint FingerprintOf(const std::vector<int32_t>& ids) {
  uint64_t hash = kFnvStart;
  for (const int32_t id : ids) {
    char bytes[4];
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(id >> (8 * i));
    hash = FnvHash(hash, std::string_view(bytes, 4));
  }
  return {static_cast<uint32_t>(ids.size()), hash};
}

// Reads what is there; past the end of the file zeros come, and good() is false.
class GoldenReader {
 public:
  explicit GoldenReader(const std::string& path) : file_(path, std::ios::binary) {}

  std::string Bytes(size_t count) {
    std::string bytes(count, '\0');
    file_.read(bytes.data(), static_cast<std::streamsize>(count));
    return bytes;
  }
  template <typename Integer>
  Integer Number() {
    Integer value = 0;
    std::memcpy(&value, Bytes(sizeof(value)).data(), sizeof(value));
    return value;
  }
  bool good() const { return file_.good(); }

 private:
  std::ifstream file_;
};

// A string of tokenizer_golden.bin and its tokens in the default bundle's tokenizer.
struct GoldenString {
  std::string bytes;
  Fingerprint plain;
  Fingerprint with_special_tokens;
};

// Empty if the file is not as it should be.
inline std::vector<GoldenString> ReadGoldenStrings(const std::string& path) {
  GoldenReader reader(path);
  std::vector<GoldenString> strings;
  if (reader.Bytes(8) != "MRTOK001") return strings;
  strings.resize(reader.Number<uint32_t>());
  for (GoldenString& string : strings) {
    const auto size = reader.Number<uint32_t>();
    string.bytes = reader.Bytes(size);
    for (Fingerprint* fingerprint : {&string.plain, &string.with_special_tokens}) {
      fingerprint->count = reader.Number<uint32_t>();
      fingerprint->hash = reader.Number<uint64_t>();
    }
  }
  return reader.good() ? strings : std::vector<GoldenString>();
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TEXT_GOLDEN_READER_H_
