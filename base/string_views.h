// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_STRING_VIEWS_H_
#define MRMLLM_BASE_STRING_VIEWS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace mrmllm {

// The packaged abseil has a string_view type of its own. Our interfaces speak std::string_view;
// this crosses over, without a copy.
//
//   absl::StrCat(AbslView(field), ": expected ...");
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace mrmllm

#endif  // MRMLLM_BASE_STRING_VIEWS_H_
