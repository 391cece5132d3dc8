// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_KSERVE_TENSOR_SPECS_H_
#define MRMLLM_SERVER_RPC_KSERVE_TENSOR_SPECS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace mrmllm {

inline constexpr std::string_view kBytes = "BYTES";
inline constexpr std::string_view kFp32 = "FP32";
inline constexpr std::string_view kInt32 = "INT32";
inline constexpr std::string_view kUint8 = "UINT8";

// What may come in. N: images or objects, whatever the tensor counts.
inline constexpr std::string_view kImageInput = "image";        // files [N], or pixels
inline constexpr std::string_view kImageIdInput = "image_id";   // of earlier replies, [N]
inline constexpr std::string_view kQuestionInput = "question";  // [1]

struct InputSpec {
  std::string_view name;
  std::string_view datatype;   // the one that metadata tell
  std::vector<int64_t> shape;  // -1: any length
};

// What may go out. Objects of all images stand one after the other, best score first within each.
enum class Output {
  kBoxes,        // [N, 4]: x_min, y_min, x_max, y_max, fractions of the displayed image's sides
  kScores,       // [N]
  kLabels,       // [N]
  kClassIds,     // [N]: index into the bundle's labels
  kFinerLabels,  // [N]: empty where there is none
  kImageIndex,   // [N]: the object's image, by its place in the request
  kImageSize,    // [images, 2]: width and height in pixels, as displayed
  kImageId,      // [images]: for later requests; empty when the server's cache is off
  kAnswer,       // [1]
};

struct OutputSpec {
  Output output;
  std::string_view name;
  std::string_view datatype;
  std::vector<int64_t> shape;  // -1: any length
  bool needs_question;         // the others need an image
};

// In the order in which metadata and replies have them. Constant for the life of the process.
absl::Span<const InputSpec> InputSpecs();
absl::Span<const OutputSpec> OutputSpecs();
const OutputSpec& SpecOf(Output output);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_KSERVE_TENSOR_SPECS_H_
