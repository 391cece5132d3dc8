// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_COMMAND_H_
#define MRMLLM_CLIENT_CLI_COMMAND_H_

#include <istream>
#include <ostream>

#include "CLI/CLI.hpp"
#include "client/cli/cli_options.h"
#include "client/cli/exit_code.h"
#include "client/client.h"
#include "client/output/terminal.h"

namespace mrmllm {

// The three streams of a process, and what may be done with them.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Style out_style = Style(false);
  Style err_style = Style(false);
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// What a command runs with.
struct CommandContext {
  const GlobalOptions& options;
  Client& client;
  Console& console;
};

// One subcommand of `mrmllm`. A new one is a file of its own and a line in AllCommands().
//
// Errors: a command prints its errors itself and returns the exit code.
class Command {
 public:
  virtual ~Command() = default;

  // Adds the subcommand with its options, which are parsed into this object; its result says
  // whether it was called.
  virtual CLI::App* AddTo(CLI::App& app) = 0;

  virtual ExitCode Run(const CommandContext& context) = 0;
};

// Prints "mrmllm: what: message" to the error stream, and for a server that cannot be reached what
// to do about it.
void PrintError(const CommandContext& context, const std::string& what, const absl::Status& status);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_COMMAND_H_
