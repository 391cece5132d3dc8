// SPDX-License-Identifier: Apache-2.0
#include "client/cli/server_commands.h"

#include "client/output/json_output.h"
#include "client/output/text_output.h"

namespace mrmllm {
namespace {

void PrintFailure(const CommandContext& context, const absl::Status& status) {
  PrintError(context, "", status);
  if (context.options.json) context.console.out << ErrorJson({}, status) << "\n";
}

const char* NameOf(ServingStatus status) {
  switch (status) {
    case ServingStatus::kServing:
      return "SERVING";
    case ServingStatus::kNotServing:
      return "NOT_SERVING";
    case ServingStatus::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

}  // namespace

CLI::App* ModelsCommand::AddTo(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("models", "List the loaded models");
  command->add_flag("--labels", labels_, "Also the classes that their detectors know");
  return command;
}

ExitCode ModelsCommand::Run(const CommandContext& context) {
  const absl::StatusOr<v1::ListModelsResponse> response = context.client.ListModels();
  if (!response.ok()) {
    PrintFailure(context, response.status());
    return ExitCodeOf(response.status());
  }
  Console& console = context.console;
  if (context.options.json) {
    for (const v1::Model& model : response->models()) console.out << ModelJson(model) << "\n";
    return ExitCode::kOk;
  }
  console.out << ModelsText(*response, console.out_style);
  if (!labels_) return ExitCode::kOk;
  for (const v1::Model& model : response->models()) {
    console.out << "\n" << console.out_style.Bold(Printable(model.name())) << "\n";
    for (const std::string& label : model.labels()) {
      console.out << "  " << console.out_style.Colored(Printable(label), ColorOf(label)) << "\n";
    }
  }
  return ExitCode::kOk;
}

CLI::App* HealthCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("health", "Tell whether the server is ready; exit code 0 only if it is");
  command
      ->add_option("--service", service_, "What to ask about; '' is the process itself (liveness)")
      ->type_name("NAME")
      ->capture_default_str();
  AddDurationOption(*command, "--wait", &wait_, "Wait this long until it is ready [do not wait]");
  return command;
}

ExitCode HealthCommand::Run(const CommandContext& context) {
  if (wait_ > absl::ZeroDuration()) {
    const absl::Status status = context.client.WaitUntilServing(service_, wait_);
    if (!status.ok()) {
      PrintFailure(context, status);
      return ExitCodeOf(status);
    }
  }
  const absl::StatusOr<ServingStatus> serving = context.client.Health(service_);
  if (!serving.ok()) {
    PrintFailure(context, serving.status());
    return ExitCodeOf(serving.status());
  }
  const std::string name = NameOf(*serving);
  context.console.out << (context.options.json ? HealthJson(service_, name) : name) << "\n";
  return *serving == ServingStatus::kServing ? ExitCode::kOk : ExitCode::kUnreachable;
}

}  // namespace mrmllm
