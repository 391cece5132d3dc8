// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_SERVER_COMMANDS_H_
#define MRMLLM_CLIENT_CLI_SERVER_COMMANDS_H_

#include <string>
#include <vector>

#include "client/cli/command.h"

namespace mrmllm {

// `mrmllm release`: makes the server forget images.
class ReleaseCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  std::vector<std::string> image_ids_;
};

// `mrmllm health`: ends with 0 only when the service is SERVING, for scripts and containers.
class HealthCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  std::string service_ = Client::kServiceName;
  absl::Duration wait_ = absl::ZeroDuration();
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_SERVER_COMMANDS_H_
