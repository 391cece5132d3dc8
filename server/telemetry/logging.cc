// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/string_views.h"
#include "server/telemetry/log_writer.h"

namespace mrmllm {
namespace {

using nlohmann::json;

constexpr size_t kMaxWaitingBytes = 4 << 20;  // some ten thousand requests
constexpr absl::Duration kFlushTimeout = absl::Seconds(2);

std::atomic<bool> json_lines = false;
std::atomic<LogWriter*> writer = nullptr;  // never deleted; null before StartLogging
std::terminate_handler terminate_without_log = nullptr;

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

const char* ColorOf(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "\033[31m\033[1m";
  if (level == spdlog::level::warn) return "\033[33m\033[1m";
  return level == spdlog::level::info ? "\033[32m" : "\033[36m";
}

// Formats for the writer; the level in color on a terminal.
class WriterSink final : public spdlog::sinks::sink {
 public:
  WriterSink(LogWriter* writer, bool colored) : writer_(*writer), colored_(colored) {}

  void log(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t buffer;
    absl::MutexLock lock(&mutex_);
    formatter_->format(message, buffer);
    std::string line(buffer.data(), buffer.size());
    if (colored_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[m");
      line.insert(message.color_range_start, ColorOf(message.level));
    }
    writer_.Write(std::move(line));
  }
  void flush() override {}
  void set_pattern(const std::string& pattern) override {
    set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
  }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    absl::MutexLock lock(&mutex_);
    formatter_ = std::move(formatter);
  }

 private:
  LogWriter& writer_;
  const bool colored_;
  absl::Mutex mutex_;
  std::unique_ptr<spdlog::formatter> formatter_ ABSL_GUARDED_BY(mutex_) =
      std::make_unique<spdlog::pattern_formatter>();
};

// The one writer of the process, whose last lines are written however it ends.
LogWriter* StartWriter() {
  writer = new LogWriter(STDERR_FILENO, kMaxWaitingBytes);
  std::atexit(FlushLog);
  terminate_without_log = std::set_terminate([] {
    FlushLog();
    terminate_without_log();
  });
  return writer;
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
  NeverBlock(STDERR_FILENO);
  static LogWriter* const only_writer = StartWriter();
  auto logger = std::make_shared<spdlog::logger>(
      "mrmllm", std::make_shared<WriterSink>(only_writer, isatty(STDERR_FILENO) == 1));
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                 : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  spdlog::set_default_logger(std::move(logger));
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Log(level, message, absl::Span<const LogField>(fields.begin(), fields.size()));
}

void Log(LogLevel level, std::string_view message, absl::Span<const LogField> fields) {
  const auto spdlog_level = ToSpdlog(level);
  if (!spdlog::should_log(spdlog_level)) return;
  spdlog::log(spdlog_level, "{}", FormatLogLine(message, fields, json_lines));
}

void FlushLog() {
  if (LogWriter* lines = writer) lines->Flush(kFlushTimeout);
}

int64_t LostLogLines() {
  const LogWriter* lines = writer;
  return lines != nullptr ? lines->lost_lines() : 0;
}

}  // namespace mrmllm
