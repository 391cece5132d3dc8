// SPDX-License-Identifier: Apache-2.0
#include "server/config/config_text.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "server/config/settings.h"

namespace mrmllm {
namespace {

absl::Status ReadSection(const std::string& section, const YAML::Node& node, ServerConfig* config) {
  if (!node.IsMap()) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", node.Mark().line + 1, ": ", section, ": expected a map of settings"));
  }
  for (const auto& entry : node) {
    const std::string name = absl::StrCat(section, ".", entry.first.Scalar());
    // An empty value ("address:") is YAML's null; it stands for empty text.
    if (!entry.second.IsScalar() && !entry.second.IsNull()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", entry.first.Mark().line + 1, ": ",
                                                     name, ": expected a single value"));
    }
    const std::string value = entry.second.IsNull() ? "" : entry.second.Scalar();
    RETURN_IF_ERROR(SetSetting(name, value, config));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadConfigYaml(std::string_view yaml, ServerConfig* config) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (root.IsNull()) return absl::OkStatus();
    if (!root.IsMap()) return absl::InvalidArgumentError("expected a map of sections");
    for (const auto& section : root) {
      RETURN_IF_ERROR(ReadSection(section.first.Scalar(), section.second, config));
    }
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("line ", error.mark.line + 1, ": ", error.msg));
  }
  return absl::OkStatus();
}

std::string ConfigYaml(const ServerConfig& config) {
  std::string text;
  std::string section;
  for (const Setting& setting : AllSettings()) {
    const size_t dot = setting.name.find('.');
    if (setting.name.substr(0, dot) != section) {
      section = setting.name.substr(0, dot);
      absl::StrAppend(&text, text.empty() ? "" : "\n", section, ":\n");
    }
    std::string value = SettingText(setting, config);
    if (std::holds_alternative<std::string ServerConfig::*>(setting.member)) {
      value =
          absl::StrCat("\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
    }
    absl::StrAppend(&text, "  # ", setting.help, " Expects ", SettingRange(setting), ".\n");
    absl::StrAppend(&text, "  ", setting.name.substr(dot + 1), ": ", value, "\n");
  }
  return text;
}

std::string ConfigMarkdown() {
  const ServerConfig defaults;
  std::string text = "| setting | default | expects | what |\n| --- | --- | --- | --- |\n";
  for (const Setting& setting : AllSettings()) {
    const std::string value = SettingText(setting, defaults);
    absl::StrAppend(&text, "| `", setting.name, "` | ",
                    value.empty() ? "" : absl::StrCat("`", value, "`"), " | ",
                    SettingRange(setting), " | ", setting.help, " |\n");
  }
  return text;
}

}  // namespace mrmllm
