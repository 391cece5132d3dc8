// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_MODEL_CHECKPOINT_SCRATCH_DIRECTORY_H_
#define MRMLLM_TESTS_MODEL_CHECKPOINT_SCRATCH_DIRECTORY_H_

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {

// A fresh directory for one test, removed with it; and a writer of small safetensors files.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string(test->test_suite_name()) + "." + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_.string(); }
  std::string File(const std::string& name) const { return (path_ / name).string(); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

  // `header` is the JSON, `data` the bytes after it.
  void WriteSafetensors(const std::string& name, const std::string& header,
                        const std::string& data) const {
    uint64_t length = header.size();
    std::string prefix(8, '\0');
    std::memcpy(prefix.data(), &length, 8);
    Write(name, prefix + header + data);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_MODEL_CHECKPOINT_SCRATCH_DIRECTORY_H_
