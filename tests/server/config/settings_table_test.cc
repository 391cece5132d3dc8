// SPDX-License-Identifier: Apache-2.0
#include "server/config/settings_table.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(SettingsTableTest, NamesAreUniqueAndHelpIsASentence) {
  std::set<std::string> names;
  for (const Setting& setting : AllSettings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_TRUE(setting.help.ends_with('.')) << setting.name;
  }
}

}  // namespace
}  // namespace mrmllm
