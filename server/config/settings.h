// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_SETTINGS_H_
#define MRMLLM_SERVER_CONFIG_SETTINGS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "server/config/server_config.h"
#include "server/config/settings_table.h"

namespace mrmllm {

// Sets one value from text: numbers as decimal digits, true or false, durations as absl writes them
// ("250ms", "5s", "inf"). Errors: INVALID_ARGUMENT "scheduler.max_batch_images: expected a whole
// number in [1, 256], got 'many'"; an unknown name lists the nearest known one.
absl::Status SetSetting(std::string_view name, std::string_view value, ServerConfig* config);

// One value as text, in the form that SetSetting reads.
std::string SettingText(const Setting& setting, const ServerConfig& config);

// "a whole number in [1, 256]", "one of info, debug", ...
std::string SettingRange(const Setting& setting);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_SETTINGS_H_
