// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using nlohmann::json;

std::atomic<bool> json_lines = false;
std::atomic<int64_t> lost_lines = 0;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

json ToJson(const LogField& field) {
  return std::visit([](const auto& value) { return json(value); }, field.value);
}

std::string Dump(const json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

bool IsPlainWord(std::string_view text) {
  if (text.empty()) return false;
  for (unsigned char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f) return false;
  }
  return true;
}

}  // namespace

std::string FormatLogLine(std::string_view message, absl::Span<const LogField> fields,
                          bool as_json) {
  if (as_json) {
    std::string line = absl::StrCat("\"message\":", Dump(json(std::string(message))));
    for (const LogField& field : fields) {
      absl::StrAppend(&line, ",\"", AbslView(field.key), "\":", Dump(ToJson(field)));
    }
    return line;
  }
  std::string line(message);
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    absl::StrAppend(&line, " ", AbslView(field.key), "=",
                    text && IsPlainWord(*text) ? *text : Dump(ToJson(field)));
  }
  return line;
}

void StartLogging(std::string_view level, std::string_view format) {
  json_lines = format == "json";
  std::signal(SIGPIPE, SIG_IGN);
  auto logger = std::make_shared<spdlog::logger>(
      "mrmllm", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                 : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Log(level, message, absl::Span<const LogField>(fields.begin(), fields.size()));
}

void Log(LogLevel level, std::string_view message, absl::Span<const LogField> fields) {
  const auto spdlog_level = ToSpdlog(level);
  if (!spdlog::should_log(spdlog_level)) return;
  spdlog::log(spdlog_level, "{}", FormatLogLine(message, fields, json_lines));
  // The library tells nobody, but the stream remembers.
  if (std::ferror(stderr) != 0) {
    std::clearerr(stderr);
    ++lost_lines;
  }
}

int64_t LostLogLines() { return lost_lines; }

}  // namespace mrmllm
