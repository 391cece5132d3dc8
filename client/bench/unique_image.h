// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_UNIQUE_IMAGE_H_
#define MRMLLM_CLIENT_BENCH_UNIQUE_IMAGE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mrmllm {

// An encoded picture with the same pixels and other bytes, so that no cache by content knows it.
// `mark` goes into a comment segment of a JPEG, a text chunk of a PNG, or behind the end of what
// else it is. REQUIRES: at most 60,000 bytes of mark, without a zero byte.
std::string WithMark(absl::string_view image, absl::string_view mark);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_UNIQUE_IMAGE_H_
