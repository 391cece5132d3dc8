// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TRIM_WHITE_SPACE_H_
#define MRMLLM_MODEL_TEXT_TRIM_WHITE_SPACE_H_

#include <string_view>

namespace mrmllm {

// The part of `text` between the white space at its ends, as Python's str.strip() and with it
// Jinja's filter `trim` sees white space: four control characters more than Unicode's property.
// Invalid UTF-8 is no white space.
std::string_view TrimWhiteSpace(std::string_view text);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TRIM_WHITE_SPACE_H_
