// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_COMMAND_LINE_H_
#define MRMLLM_CLIENT_CLI_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "client/cli/command.h"

namespace mrmllm {

// Every subcommand, in the order of the help.
std::vector<std::unique_ptr<Command>> AllCommands();

// The whole of `mrmllm`: parses `arguments` (without the program's name), connects, runs the
// subcommand.
ExitCode RunCommandLine(std::vector<std::string> arguments, Console& console);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_COMMAND_LINE_H_
