// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_MARK_ORDER_H_
#define MRMLLM_MODEL_TEXT_MARK_ORDER_H_

#include <unicode/normalizer2.h>

#include <string>
#include <string_view>

namespace mrmllm {

// `text` with its long runs of combining marks decomposed and in canonical order already, which
// changes nothing that `form` makes of it. ICU puts marks in order by insertion: a run of n
// marks would take n^2 steps, and nobody but an attacker writes long ones.
//
// Thread-safety: safe. Errors: none. REQUIRES: `text` is valid UTF-8.
std::string OrderLongRunsOfMarks(std::string_view text, const icu::Normalizer2& form);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_MARK_ORDER_H_
