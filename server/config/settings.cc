// SPDX-License-Identifier: Apache-2.0
#include "server/config/settings.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using C = ServerConfig;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

absl::Status Refuse(const Setting& setting, std::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(setting.name, ": expected ", SettingRange(setting),
                                                 ", got '", AbslView(got.substr(0, 200)), "'"));
}

// Writes `text` into the setting's member, whatever its type.
struct Assign {
  const Setting& setting;
  std::string_view text;
  ServerConfig* config;

  absl::Status operator()(std::string C::*member) const {
    if (!setting.choices.empty() &&
        std::find(setting.choices.begin(), setting.choices.end(), text) == setting.choices.end()) {
      return Refuse(setting, text);
    }
    if (setting.check != nullptr) {
      const absl::Status fault = setting.check(text);
      if (!fault.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(Refuse(setting, text).message(), ": ", fault.message()));
      }
    }
    config->*member = std::string(text);
    return absl::OkStatus();
  }
  absl::Status operator()(int64_t C::*member) const {
    int64_t value = 0;
    if (!absl::SimpleAtoi(AbslView(text), &value) || value < setting.lowest ||
        value > setting.highest) {
      return Refuse(setting, text);
    }
    config->*member = value;
    return absl::OkStatus();
  }
  absl::Status operator()(bool C::*member) const {
    if (text != "true" && text != "false") return Refuse(setting, text);
    config->*member = text == "true";
    return absl::OkStatus();
  }
  absl::Status operator()(double C::*member) const {
    double value = 0;
    // Written so that "nan" is in no range.
    const bool fits = absl::SimpleAtod(AbslView(text), &value) &&
                      value >= static_cast<double>(setting.lowest) &&
                      value <= static_cast<double>(setting.highest);
    if (!fits) return Refuse(setting, text);
    config->*member = value;
    return absl::OkStatus();
  }
  absl::Status operator()(absl::Duration C::*member) const {
    absl::Duration value;
    if (!absl::ParseDuration(AbslView(text), &value) ||
        value < absl::Milliseconds(setting.lowest) ||
        (setting.highest != kNoLimit && value > absl::Milliseconds(setting.highest))) {
      return Refuse(setting, text);
    }
    config->*member = value;
    return absl::OkStatus();
  }
};

struct Text {
  const ServerConfig& config;
  std::string operator()(std::string C::*member) const { return config.*member; }
  std::string operator()(int64_t C::*member) const { return absl::StrCat(config.*member); }
  std::string operator()(bool C::*member) const { return config.*member ? "true" : "false"; }
  std::string operator()(double C::*member) const { return absl::StrCat(config.*member); }
  std::string operator()(absl::Duration C::*member) const {
    return absl::FormatDuration(config.*member);
  }
};

struct Range {
  const Setting& setting;
  std::string operator()(std::string C::*) const {
    if (!setting.form.empty()) return setting.form;
    return setting.choices.empty() ? "text" : "one of " + absl::StrJoin(setting.choices, ", ");
  }
  std::string operator()(int64_t C::*) const {
    return absl::StrCat("a whole number in [", setting.lowest, ", ", setting.highest, "]");
  }
  std::string operator()(bool C::*) const { return "true or false"; }
  std::string operator()(double C::*) const {
    return absl::StrCat("a number in [", setting.lowest, ", ", setting.highest, "]");
  }
  std::string operator()(absl::Duration C::*) const {
    const std::string lowest = absl::FormatDuration(absl::Milliseconds(setting.lowest));
    if (setting.highest == kNoLimit) return absl::StrCat("a duration of at least ", lowest);
    return absl::StrCat("a duration in [", lowest, ", ",
                        absl::FormatDuration(absl::Milliseconds(setting.highest)), "]");
  }
};

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
    }
  }
  return row.back();
}

}  // namespace

absl::Status SetSetting(std::string_view name, std::string_view value, ServerConfig* config) {
  name = name.substr(0, 200);
  const Setting* nearest = nullptr;
  for (const Setting& setting : AllSettings()) {
    if (setting.name == name) return std::visit(Assign{setting, value, config}, setting.member);
    if (!nearest || EditDistance(name, setting.name) < EditDistance(name, nearest->name)) {
      nearest = &setting;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown setting '", AbslView(name),
                                                 "'; the nearest known one is ", nearest->name));
}

std::string SettingText(const Setting& setting, const ServerConfig& config) {
  return std::visit(Text{config}, setting.member);
}

std::string SettingRange(const Setting& setting) {
  return std::visit(Range{setting}, setting.member);
}

}  // namespace mrmllm
