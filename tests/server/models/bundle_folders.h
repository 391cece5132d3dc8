// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_MODELS_BUNDLE_FOLDERS_H_
#define MRMLLM_TESTS_SERVER_MODELS_BUNDLE_FOLDERS_H_

#include <filesystem>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {

// A repository on disk with empty bundles, for fake factories; gone with this object.
//
//   BundleFolders folders;
//   folders.Add("coco", "1");
class BundleFolders {
 public:
  BundleFolders() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string(test->test_suite_name()) + "." + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~BundleFolders() { std::filesystem::remove_all(path_); }
  BundleFolders(const BundleFolders&) = delete;
  BundleFolders& operator=(const BundleFolders&) = delete;

  void Add(const std::string& name, const std::string& version) {
    std::filesystem::create_directories(path_ / name / version);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_MODELS_BUNDLE_FOLDERS_H_
