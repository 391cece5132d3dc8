// SPDX-License-Identifier: Apache-2.0
// The README's configuration table is the one that the code makes. With MRMLLM_UPDATE_README=1 in
// the environment it is written anew instead.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/config_text.h"

namespace mrmllm {
namespace {

constexpr char kReadme[] = MRMLLM_SOURCE_DIR "/README.md";

struct Split {
  std::string before, table, after;
};

// The README around and between the two markers of the table.
Split ReadReadme() {
  std::stringstream text;
  text << std::ifstream(kReadme).rdbuf();
  const std::string readme = text.str();
  const size_t begin = readme.find('\n', readme.find("<!-- config:begin")) + 1;
  const size_t end = readme.find("<!-- config:end");
  return {readme.substr(0, begin), readme.substr(begin, end - begin), readme.substr(end)};
}

TEST(ReadmeTest, ConfigurationTableIsTheOneTheCodeMakes) {
  const Split readme = ReadReadme();
  if (std::getenv("MRMLLM_UPDATE_README")) {
    std::ofstream(kReadme) << readme.before << ConfigMarkdown() << readme.after;
    return;
  }
  EXPECT_EQ(readme.table, ConfigMarkdown());
}

}  // namespace
}  // namespace mrmllm
