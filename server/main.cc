// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/status_macros.h"
#include "google/protobuf/stubs/logging.h"
#include "server/access/access_control.h"
#include "server/config/config_text.h"
#include "server/config/settings.h"
#include "server/opening/thread_placement.h"
#include "server/opening/torch_engine_factory.h"
#include "server/security/api_key.h"
#include "server/server.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

struct CommandLine {
  std::string config_path;
  std::vector<std::string> settings;  // "a.b=c"
  bool print_config = false;
  bool print_config_table = false;
  bool new_api_key = false;
  bool hash_api_key = false;
};

absl::StatusOr<ServerConfig> ReadConfig(const CommandLine& command_line) {
  ServerConfig config;
  if (!command_line.config_path.empty()) {
    std::ifstream file(command_line.config_path);
    if (!file)
      return absl::NotFoundError(absl::StrCat("--config: cannot read ", command_line.config_path));
    std::stringstream text;
    text << file.rdbuf();
    if (absl::Status status = ReadConfigYaml(text.str(), &config); !status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat(command_line.config_path, ": ", status.message()));
    }
  }
  for (const std::string& setting : command_line.settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set: expected name=value, got '", setting, "'"));
    }
    RETURN_IF_ERROR(SetSetting(std::string_view(setting).substr(0, equals),
                               std::string_view(setting).substr(equals + 1), &config));
  }
  return config;
}

absl::StatusOr<ThreadPlacement> PlaceAllThreads(const ServerConfig& config) {
  return PlaceThreads({.devices = config.device_name,
                       .threads = static_cast<int>(config.device_threads),
                       .pin = config.device_pin_threads == "auto"},
                      UsableCores());
}

// OpenMP's threads, which libtorch's convolutions use, by default burn their core while they wait.
// Beside gRPC, the decode pool and the language model's own threads that is a core which somebody
// needs: under load it halves the throughput. The runtime reads its environment before main, hence
// a second start of the same process. Whoever sets one of the two variables has chosen.
void LetOpenMpThreadsSleep(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/1);
  // Returns only where it fails: then the threads are awake, and nothing else is different.
  execv("/proc/self/exe", argv);
}

// Blocks the signals in every thread to come and hands them to one: the first asks for a drain, the
// second ends the process.
void WatchSignals(absl::Notification* asked_to_stop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, asked_to_stop] {
    int signal = 0;
    sigwait(&signals, &signal);
    asked_to_stop->Notify();
    sigwait(&signals, &signal);
    Log(LogLevel::kWarning, "second signal: leaving at once");
    FlushLog();
    std::_Exit(128 + signal);
  }).detach();
}

absl::Status Run(const ServerConfig& config) {
  RETURN_IF_ERROR(CheckAccessFiles(config, Clock::Real()->Now()));
  ASSIGN_OR_RETURN(const ThreadPlacement placement, PlaceAllThreads(config));
  // First of all: threads begin on the cores of the thread that starts them.
  RETURN_IF_ERROR(PinThisThread(placement.other_cores));
  static auto& asked_to_stop = *new absl::Notification;  // outlives the detached thread's use of it
  WatchSignals(&asked_to_stop);
  Metrics metrics;
  TorchEngineFactory factory(config, placement, &metrics);
  ASSIGN_OR_RETURN(auto server, Server::Start(config, &factory, &metrics, Clock::Real()));
  Log(LogLevel::kInfo, "serving",
      {{"address", config.server_address},
       {"port", int64_t{server->port()}},
       {"metrics_port", int64_t{server->metrics_port()}},
       {"device", config.device_name}});
  asked_to_stop.WaitForNotification();
  if (server->Drain() == DrainEnd::kStuck) {
    FlushLog();
    std::_Exit(1);
  }
  return absl::OkStatus();
}

// A fresh key with its hash, or the hash of the key on standard input: for the callers file.
absl::Status PrintApiKey(bool fresh) {
  std::string key;
  if (fresh) {
    ASSIGN_OR_RETURN(key, NewApiKey());
    std::printf("key:  %s\n", key.c_str());
  } else if (!std::getline(std::cin, key) || key.empty()) {
    return absl::InvalidArgumentError("--hash-api-key: expected a key on standard input");
  }
  std::printf("%s%s\n", fresh ? "hash: " : "", FormatKeyHash(DigestOfKey(key)).c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  // Debian's abseil looks for deadlocks at every lock, which costs more than the lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // It would print a line for every message whose text is no UTF-8; the caller is told instead.
  google::protobuf::SetLogHandler(nullptr);
  CommandLine command_line;
  CLI::App app("mrmllm_server: objects in images, answers about images, and both in agreement");
  app.add_option("--config", command_line.config_path, "YAML file of settings")->type_name("FILE");
  app.add_option("--set", command_line.settings, "One setting, after the file: section.key=value")
      ->type_name("SETTING");
  app.add_flag("--print-config", command_line.print_config,
               "Print the whole configuration as YAML and leave");
  app.add_flag("--print-config-table", command_line.print_config_table,
               "Print all settings as a Markdown table and leave");
  app.add_flag("--new-api-key", command_line.new_api_key,
               "Print a fresh API key, and its hash for the callers file, and leave");
  app.add_flag("--hash-api-key", command_line.hash_api_key,
               "Read an API key from standard input, print its hash, and leave");
  app.set_version_flag("--version", MRMLLM_VERSION);
  CLI11_PARSE(app, argc, argv);
  if (command_line.new_api_key || command_line.hash_api_key) {
    const absl::Status status = PrintApiKey(command_line.new_api_key);
    if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return status.ok() ? 0 : 2;
  }
  if (command_line.print_config_table) {
    std::fputs(ConfigMarkdown().c_str(), stdout);
    return 0;
  }
  const absl::StatusOr<ServerConfig> config = ReadConfig(command_line);
  if (config.ok() && command_line.print_config) {
    std::fputs(ConfigYaml(*config).c_str(), stdout);
    return 0;
  }
  if (config.ok()) StartLogging(config->log_level, config->log_format);
  const absl::Status status = config.ok() ? Run(*config) : config.status();
  if (status.ok()) return 0;
  Log(LogLevel::kError, "cannot serve", {{"error", std::string(status.message())}});
  return config.ok() ? 1 : 2;
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) {
  mrmllm::LetOpenMpThreadsSleep(argv);
  return mrmllm::Main(argc, argv);
}
