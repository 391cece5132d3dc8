// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_LOGGING_H_
#define MRMLLM_SERVER_TELEMETRY_LOGGING_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/types/span.h"

namespace mrmllm {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One key and value of a log line.
struct LogField {
  std::string_view key;
  std::variant<std::string, int64_t, double> value;
};

// Sets up the process's log on standard error. `level` and `format` are those of ServerConfig:
// "info", "text" or "json". A full disk, or a pipe that nobody reads any more, costs the lines that
// cannot be written and nothing else; the process then ignores SIGPIPE.
void StartLogging(std::string_view level, std::string_view format);

// Writes one line: a short message and fields. Values are escaped, so that nothing from outside can
// forge a line.
//
//   Log(LogLevel::kInfo, "listening", {{"address", address}, {"port", int64_t{port}}});
//
// Thread-safety: safe for concurrent use after StartLogging; before it, lines go out as text at
// level info.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void Log(LogLevel level, std::string_view message, absl::Span<const LogField> fields);

// Lines that could not be written so far.
int64_t LostLogLines();

// The line's text after time and level, for tests: `message key=value key="two words"`, or the
// members of a JSON object.
std::string FormatLogLine(std::string_view message, absl::Span<const LogField> fields, bool json);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_LOGGING_H_
