// SPDX-License-Identifier: Apache-2.0
#include "client/cli/command_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/answer_command.h"
#include "client/cli/bench_command.h"
#include "client/cli/detect_command.h"
#include "client/cli/model_commands.h"
#include "client/cli/server_commands.h"
#include "client/output/json_output.h"

namespace mrmllm {
namespace {

constexpr char kDescription[] =
    "Asks an MR-MLLM server about pictures: what is in them, and what is true of them.";

constexpr char kExamples[] =
    "Examples:\n"
    "  mrmllm detect photo.jpg                        what is in it, as a table\n"
    "  mrmllm detect photos/ --annotate out/          a folder; draws the boxes into pictures in "
    "out/\n"
    "  mrmllm ask -q 'How many dogs are there?' photo.jpg\n"
    "  mrmllm ask -q 'Which is older?' --together a.jpg b.jpg\n"
    "  mrmllm perceive -q 'What is on the table?' --annotate out/ photo.jpg\n"
    "  curl -s https://example.org/a.jpg | mrmllm detect --json -\n"
    "  mrmllm bench --clients 1,4,16 --chart load.svg   how it does under load\n"
    "  mrmllm health --wait 60s                       wait until the server is ready\n\n"
    "Files are JPEG, PNG, WebP or BMP; a folder stands for the pictures in it, - for standard "
    "input.\n"
    "`mrmllm COMMAND --help` tells the options of a command. NO_COLOR=1 switches colours off.\n\n";

// A failure of no file in particular, for a person or a program.
void ReportFailure(const GlobalOptions& options, Console& console, const absl::Status& status) {
  console.err << console.err_style.Red("mrmllm: ") << Printable(status.message()) << "\n";
  if (options.json) console.out << ErrorJson({}, status) << "\n";
}

ExitCode RunChosen(Command& command, const GlobalOptions& options, Console& console) {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Create(options.client);
  if (!client.ok()) {
    ReportFailure(options, console, client.status());
    return ExitCode::kUsage;
  }
  return command.Run({options, **client, console});
}

}  // namespace

void PrintError(const CommandContext& context, const std::string& what,
                const absl::Status& status) {
  Console& console = context.console;
  console.err << console.err_style.Red("mrmllm: ");
  if (!what.empty()) console.err << Printable(what) << ": ";
  console.err << Printable(status.message()) << " [" << CodeName(status.code()) << "]\n";
  if (absl::IsUnavailable(status)) {
    console.err << "Is the server running and ready at "
                << Printable(context.options.client.server_address)
                << "? `--server HOST:PORT` names another one; `mrmllm health --wait 60s` waits for "
                   "it.\n";
  }
}

std::vector<std::unique_ptr<Command>> AllCommands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<DetectCommand>());
  commands.push_back(std::make_unique<AnswerCommand>(AnswerCommand::Kind::kAsk));
  commands.push_back(std::make_unique<AnswerCommand>(AnswerCommand::Kind::kPerceive));
  commands.push_back(std::make_unique<ReleaseCommand>());
  commands.push_back(std::make_unique<BenchCommand>());
  commands.push_back(std::make_unique<ModelsCommand>());
  commands.push_back(std::make_unique<LoadCommand>());
  commands.push_back(std::make_unique<UnloadCommand>());
  commands.push_back(std::make_unique<HealthCommand>());
  return commands;
}

ExitCode RunCommandLine(std::vector<std::string> arguments, Console& console) {
  CLI::App app(kDescription, "mrmllm");
  app.footer(absl::StrCat(kExamples, kExitCodesHelp));
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Print this help");
  GlobalOptions options;
  AddGlobalOptions(app, &options);
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
  for (std::unique_ptr<Command>& command : AllCommands()) {
    CLI::App* const subcommand = command->AddTo(app);
    // So that the options of every command may also stand after its name.
    subcommand->fallthrough();
    subcommand->footer(
        "Options of every command (--server, --timeout, --json, ...): mrmllm --help");
    commands.emplace_back(subcommand, std::move(command));
  }
  try {
    // CLI11 takes them from the back.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, console.out, console.err) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
  for (auto& [subcommand, command] : commands) {
    if (subcommand->parsed()) return RunChosen(*command, options, console);
  }
  return ExitCode::kUsage;
}

}  // namespace mrmllm
