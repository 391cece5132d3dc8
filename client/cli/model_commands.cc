// SPDX-License-Identifier: Apache-2.0
#include "client/cli/model_commands.h"

#include "client/output/json_output.h"
#include "client/output/text_output.h"

namespace mrmllm {
namespace {

ExitCode Fail(const CommandContext& context, const absl::Status& status) {
  PrintError(context, "", status);
  if (context.options.json) context.console.out << ErrorJson({}, status) << "\n";
  return ExitCodeOf(status);
}

void PrintModels(const CommandContext& context,
                 const google::protobuf::RepeatedPtrField<v1::Model>& models) {
  Console& console = context.console;
  if (!context.options.json) {
    console.out << ModelsText(models, console.out_style);
    return;
  }
  for (const v1::Model& model : models) console.out << ModelJson(model) << "\n";
}

// The required NAME and the optional --version.
template <typename Request>
void AddName(CLI::App& app, Request* request, const std::string& version_help) {
  app.add_option_function<std::string>(
         "name", [request](const std::string& name) { request->set_name(name); },
         "Name of the model")
      ->required();
  app.add_option_function<std::string>(
         "--version", [request](const std::string& version) { request->set_version(version); },
         version_help)
      ->type_name("VERSION");
}

}  // namespace

CLI::App* ModelsCommand::AddTo(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("models", "List the models and their state");
  command->add_flag("--labels", labels_, "Also the classes that their detectors know");
  return command;
}

ExitCode ModelsCommand::Run(const CommandContext& context) {
  const absl::StatusOr<v1::ListModelsResponse> response = context.client.ListModels();
  if (!response.ok()) return Fail(context, response.status());
  PrintModels(context, response->models());
  Console& console = context.console;
  if (!labels_ || context.options.json) return ExitCode::kOk;
  for (const v1::Model& model : response->models()) {
    console.out << "\n" << console.out_style.Bold(Printable(model.name())) << "\n";
    for (const std::string& label : model.labels()) {
      console.out << "  " << console.out_style.Colored(Printable(label), ColorOf(label)) << "\n";
    }
  }
  return ExitCode::kOk;
}

CLI::App* LoadCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("load", "Load a model version and make it the active one");
  AddName(*command, &request_, "Its version [the newest in the server's repository]");
  command->add_flag_callback(
      "--keep-others", [this] { request_.set_keep_others(true); },
      "Leave the other versions of the model loaded, for requests that name them");
  return command;
}

ExitCode LoadCommand::Run(const CommandContext& context) {
  const absl::StatusOr<v1::LoadModelResponse> response = context.client.LoadModel(request_);
  if (!response.ok()) return Fail(context, response.status());
  google::protobuf::RepeatedPtrField<v1::Model> models;
  *models.Add() = response->model();
  PrintModels(context, models);
  return ExitCode::kOk;
}

CLI::App* UnloadCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("unload", "Take a model out of service, once its requests have ended");
  AddName(*command, &request_, "Its version [all versions]");
  command->add_flag_callback(
      "--allow-none", [this] { request_.set_allow_none(true); },
      "Also the last model, which leaves the server not ready");
  return command;
}

ExitCode UnloadCommand::Run(const CommandContext& context) {
  const absl::StatusOr<v1::UnloadModelResponse> response = context.client.UnloadModel(request_);
  if (!response.ok()) return Fail(context, response.status());
  PrintModels(context, response->models());
  return ExitCode::kOk;
}

}  // namespace mrmllm
