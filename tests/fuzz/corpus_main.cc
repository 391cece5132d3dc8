// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on every file of a folder: the inputs that once found something, or reach far.
// Needs no fuzzer and no sanitizer, and so is a test of every build.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_check.h"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& path : files) {
    std::cout << path.filename().string() << std::endl;  // a crash is then seen to be this one's
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    // A block of its exact size, so that a sanitizer sees a read beyond the end.
    const std::string text = content.str();
    const std::vector<uint8_t> bytes(text.begin(), text.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::cout << files.size() << " inputs" << std::endl;
  return files.empty() ? 1 : 0;
}
