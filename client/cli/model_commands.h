// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_MODEL_COMMANDS_H_
#define MRMLLM_CLIENT_CLI_MODEL_COMMANDS_H_

#include <string>

#include "client/cli/command.h"

namespace mrmllm {

// `mrmllm models`: what is loaded, being loaded, or draining, and what could not be loaded.
class ModelsCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  bool labels_ = false;
};

// `mrmllm load`: a version out of the server's repository, to be the active one.
class LoadCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  v1::LoadModelRequest request_;
};

// `mrmllm unload`: takes versions out of service.
class UnloadCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  v1::UnloadModelRequest request_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_MODEL_COMMANDS_H_
