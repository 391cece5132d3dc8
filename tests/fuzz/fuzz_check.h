// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_FUZZ_FUZZ_CHECK_H_
#define MRMLLM_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// What every fuzz target defines: takes any bytes, returns 0. libFuzzer calls it with inputs that
// it makes up, corpus_main.cc with those that are kept.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace mrmllm {

inline std::string_view FuzzText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process when what should hold for every input does not: libFuzzer then keeps the input.
inline void FuzzCheck(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_FUZZ_FUZZ_CHECK_H_
