// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_CONFIG_TEXT_H_
#define MRMLLM_SERVER_CONFIG_CONFIG_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/config/server_config.h"

namespace mrmllm {

// Reads YAML of two levels, section and key, over `config`; what it does not mention stays as it
// was.
//
//   scheduler:
//     max_batch_images: 4
//
// Errors: INVALID_ARGUMENT for what is no YAML of that form, with its line; for unknown keys and
// bad values as SetSetting says.
absl::Status ReadConfigYaml(std::string_view yaml, ServerConfig* config);

// The whole configuration as YAML with help and range as comments; ReadConfigYaml reads it back.
std::string ConfigYaml(const ServerConfig& config);

// The table of all settings with their defaults for the README, in Markdown.
std::string ConfigMarkdown();

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_CONFIG_TEXT_H_
