// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_HEADER_H_
#define MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace mrmllm {

// One tensor as a safetensors header describes it.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;           // "F32", "F16", "BF16", "I64", ...
  int64_t element_bytes = 0;   // of that dtype
  std::vector<int64_t> shape;  // each >= 0
  size_t begin = 0;            // offset in the file, not in the data section
  size_t end = 0;  // one past the last byte; end - begin == product(shape) * element_bytes
};

// Parses the header of a safetensors file: 8 bytes little-endian length, that many bytes of JSON,
// then the data.
//
// `file` is the whole file (mapped); only the header is read. Entries come sorted by name.
//
// Errors: INVALID_ARGUMENT says what is wrong: a truncated file, a header over 100 MB, JSON that is
// none, duplicate names, an unknown dtype, shapes that overflow, ranges outside the file,
// overlapping or leaving holes, sizes that disagree with the shape, more than 100,000 tensors.
absl::StatusOr<std::vector<SafetensorsEntry>> ParseSafetensorsHeader(std::string_view file);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_SAFETENSORS_HEADER_H_
