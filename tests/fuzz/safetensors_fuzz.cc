// SPDX-License-Identifier: Apache-2.0
// Headers of safetensors files: whatever they claim, the tensors lie within the file.
#include <algorithm>
#include <cstring>

#include "model/checkpoint/safetensors_header.h"
#include "tests/fuzz/fuzz_check.h"

namespace mrmllm {
namespace {

void ParseAnything(std::string_view file) {
  const auto entries = ParseSafetensorsHeader(file);
  if (!entries.ok()) {
    FuzzCheck(!entries.status().message().empty(), "a refusal gives its reason");
    return;
  }
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data(), sizeof(header_bytes));
  size_t covered = sizeof(header_bytes) + header_bytes;
  for (const SafetensorsEntry& entry : *entries) {
    FuzzCheck(entry.begin <= entry.end && entry.end <= file.size(), "tensors lie in the file");
    size_t bytes = entry.element_bytes;
    for (const int64_t side : entry.shape) bytes *= side;
    FuzzCheck(entry.end - entry.begin == bytes, "the shape fills the range");
    covered += bytes;
  }
  FuzzCheck(covered == file.size(), "tensors cover the file");
  FuzzCheck(std::is_sorted(entries->begin(), entries->end(),
                           [](const auto& a, const auto& b) { return a.name < b.name; }),
            "entries come sorted");
}

// Few inputs have a true length in front: with an odd first byte the rest is taken for the JSON of
// a header and gets its length and some data.
std::string WithLength(std::string_view json) {
  const uint64_t length = json.size();
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  return file.append(json).append(16, '\0');
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = mrmllm::FuzzText(data, size);
  if (!input.empty() && input[0] % 2 == 1) {
    mrmllm::ParseAnything(mrmllm::WithLength(input.substr(1)));
  } else {
    mrmllm::ParseAnything(input);
  }
  return 0;
}
