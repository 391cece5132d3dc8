// SPDX-License-Identifier: Apache-2.0
#include "client/cli/server_commands.h"

#include <algorithm>

#include "client/output/json_output.h"
#include "client/output/text_output.h"

namespace mrmllm {
namespace {

constexpr size_t kIdsAtATime = 256;  // the contract's limit

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

CLI::App* ReleaseCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("release", "Make the server forget pictures of earlier replies");
  command->add_option("image_ids", image_ids_, "Their image_ids; unknown ones are passed over")
      ->required();
  return command;
}

ExitCode ReleaseCommand::Run(const CommandContext& context) {
  int released = 0;
  for (size_t begin = 0; begin < image_ids_.size(); begin += kIdsAtATime) {
    v1::ReleaseImagesRequest request;
    const size_t end = std::min(begin + kIdsAtATime, image_ids_.size());
    request.mutable_image_ids()->Add(image_ids_.begin() + begin, image_ids_.begin() + end);
    const absl::StatusOr<v1::ReleaseImagesResponse> response =
        context.client.ReleaseImages(request);
    if (!response.ok()) {
      PrintFailure(context, response.status());
      return ExitCodeOf(response.status());
    }
    released += response->released_count();
  }
  const int asked = static_cast<int>(image_ids_.size());
  if (context.options.json) {
    context.console.out << ReleaseJson(asked, released) << "\n";
  } else {
    context.console.out << "Forgot " << released << " of " << asked << "\n";
  }
  return ExitCode::kOk;
}

CLI::App* HealthCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("health", "Tell whether the server is ready; exit code 0 only if it is");
  CLI::Option* const service =
      command
          ->add_option("--service", service_,
                       "What to ask about; '' is the process itself (liveness)")
          ->type_name("NAME")
          ->capture_default_str();
  command
      ->add_flag_callback(
          "--live", [this] { service_.clear(); },
          "Ask whether the process makes progress, ready or not; as --service ''")
      ->excludes(service);
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
