// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_SETTINGS_TABLE_H_
#define MRMLLM_SERVER_CONFIG_SETTINGS_TABLE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/config/server_config.h"

namespace mrmllm {

// One row of the table.
struct Setting {
  using Member =
      std::variant<std::string ServerConfig::*, int64_t ServerConfig::*, bool ServerConfig::*,
                   double ServerConfig::*, absl::Duration ServerConfig::*>;
  std::string name;  // "scheduler.max_batch_images": section, dot, key
  Member member;
  std::string help;
  int64_t lowest = 0;  // of a number; of a duration, in milliseconds
  int64_t highest = std::numeric_limits<int64_t>::max();
  std::vector<std::string> choices;  // of a string; empty: any
  // Of a string with a form of its own: what it expects, and the check that says what is wrong.
  std::string form;
  absl::Status (*check)(std::string_view text) = nullptr;
};

// The table, in the order of ServerConfig.
const std::vector<Setting>& AllSettings();

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_SETTINGS_TABLE_H_
