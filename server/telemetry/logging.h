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
// "info", "text" or "json". Lines wait in a bounded queue for a thread that writes them: a full
// disk, or a pipe that nobody reads, costs the lines that find no room and nothing else. From then
// on the process ignores SIGPIPE, and whatever else it writes to a standard error that is a pipe is
// lost rather than waited for. Before it ends by exit() or std::terminate it waits a moment for the
// last lines.
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

// Waits until what was logged is written or lost, at most two seconds. Before std::_Exit.
void FlushLog();

// Lines that were lost so far.
int64_t LostLogLines();

// The line's text after time and level, for tests: `message key=value key="two words"`, or the
// members of a JSON object.
std::string FormatLogLine(std::string_view message, absl::Span<const LogField> fields, bool json);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_LOGGING_H_
