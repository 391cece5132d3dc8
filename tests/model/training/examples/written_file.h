// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_WRITTEN_FILE_H_
#define MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_WRITTEN_FILE_H_

#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {

// Writes a file of this test into the tests' directory and returns its path.
inline std::string WrittenFile(const std::string& name, const std::string& content) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string path = testing::TempDir() + test->test_suite_name() + "." + test->name() + "." + name;
  for (char& c : path) {
    if (c == '/' && &c >= &path[testing::TempDir().size()]) c = '_';
  }
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_TRAINING_EXAMPLES_WRITTEN_FILE_H_
