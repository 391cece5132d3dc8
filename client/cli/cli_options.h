// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_CLI_OPTIONS_H_
#define MRMLLM_CLIENT_CLI_CLI_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/client_options.h"
#include "mrmllm/v1/generation.pb.h"
#include "mrmllm/v1/model_selector.pb.h"
#include "mrmllm/v1/perception.pb.h"
#include "mrmllm/v1/scheduling.pb.h"

namespace mrmllm {

// Options of every command.
struct GlobalOptions {
  ClientOptions client;
  bool json = false;
};

// The help of one option is one line; its check is the contract's range.
void AddGlobalOptions(CLI::App& app, GlobalOptions* options);
void AddPerceptionOptions(CLI::App& app, v1::PerceptionSettings* settings);
void AddGenerationOptions(CLI::App& app, v1::GenerationSettings* settings);
void AddSchedulingOptions(CLI::App& app, v1::SchedulingSettings* settings);
// --model NAME[@VERSION].
void AddModelOption(CLI::App& app, v1::ModelSelector* model);

// "90s", "1m30s", "250ms", "inf", or a bare number of seconds; more than 0.
absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text);

// An option that takes such a duration.
CLI::Option* AddDurationOption(CLI::App& app, const std::string& name, absl::Duration* duration,
                               const std::string& help);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_CLI_OPTIONS_H_
