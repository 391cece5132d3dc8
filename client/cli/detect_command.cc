// SPDX-License-Identifier: Apache-2.0
#include "client/cli/detect_command.h"

#include <utility>

#include "base/status_macros.h"
#include "client/cli/image_files.h"
#include "client/cli/ordered_work.h"
#include "client/draw/annotate.h"
#include "client/draw/picture_file.h"
#include "client/output/json_output.h"
#include "client/output/progress.h"
#include "client/output/text_output.h"

namespace mrmllm {
namespace {

constexpr int kMostJobs = 64;

absl::Status WriteAnnotated(const std::string& path, const std::string& bytes,
                            const v1::DetectResponse& response) {
  if (path.empty() || response.images_size() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const cv::Mat picture, DecodePicture(bytes));
  return WritePicture(path, WithBoxes(picture, response.images(0)));
}

}  // namespace

CLI::App* DetectCommand::AddTo(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("detect", "Find the objects in each picture");
  command->add_option("files", inputs_, "Pictures, folders of pictures, or - for standard input")
      ->required();
  command->add_option("--annotate", annotate_, "Draw the boxes into copies of the pictures in DIR")
      ->type_name("DIR");
  command->add_option("-j,--jobs", jobs_, "Pictures that are under way at the same time")
      ->type_name("N")
      ->check(CLI::Range(1, kMostJobs))
      ->capture_default_str();
  AddModelOption(*command, &model_);
  AddSchedulingOptions(*command, &scheduling_);
  AddPerceptionOptions(*command, &perception_);
  return command;
}

DetectCommand::Outcome DetectCommand::Process(const CommandContext& context,
                                              const std::string& image,
                                              const std::string& annotated_path) const {
  absl::StatusOr<std::string> bytes = ReadImage(image, context.console.in);
  if (!bytes.ok()) return {OnThisSide(bytes.status()), {}};
  v1::DetectRequest request;
  request.add_images()->set_content(*bytes);
  *request.mutable_perception() = perception_;
  *request.mutable_scheduling() = scheduling_;
  *request.mutable_model() = model_;
  absl::StatusOr<v1::DetectResponse> response = context.client.Detect(request);
  if (!response.ok()) return {response.status(), {}};
  absl::Status annotated = OnThisSide(WriteAnnotated(annotated_path, *bytes, *response));
  return {std::move(annotated), *std::move(response)};
}

void DetectCommand::Print(const CommandContext& context, const std::string& image,
                          const Outcome& outcome) {
  Console& console = context.console;
  const std::string name = image == "-" ? "stdin" : image;
  if (!outcome.status.ok()) PrintError(context, name, outcome.status);
  if (context.options.json) {
    console.out << (outcome.status.ok() ? DetectJson(name, outcome.response)
                                        : DetectErrorJson(name, outcome.status))
                << "\n";
  } else if (outcome.response.images_size() > 0) {
    const v1::Timings& timings = outcome.response.timings();
    console.out << DetectionsText(name, outcome.response.images(0),
                                  Milliseconds(timings.has_total(), timings.total()),
                                  console.out_style)
                << "\n";
  }
  console.out << std::flush;
}

ExitCode DetectCommand::Run(const CommandContext& context) {
  Console& console = context.console;
  const absl::StatusOr<std::vector<std::string>> images = ListImages(inputs_);
  const absl::Status folder = annotate_.empty() ? absl::OkStatus() : EnsureFolder(annotate_);
  if (!images.ok() || !folder.ok()) {
    PrintError(context, "", images.ok() ? folder : images.status());
    return ExitCode::kUsage;
  }
  const std::vector<std::string> annotated = AnnotatedPaths(annotate_, *images);
  const int count = static_cast<int>(images->size());
  ExitTally tally;
  Progress progress(console.err, console.err_is_terminal, count);
  progress.Show(0, "");
  OrderedWork<Outcome>(count, jobs_)
      .Run(
          [&](int i) {
            return Process(context, (*images)[i], annotate_.empty() ? "" : annotated[i]);
          },
          [&](int i, const Outcome& outcome) {
            progress.Clear();
            Print(context, (*images)[i], outcome);
            const ExitCode code = ExitCodeOf(outcome.status);
            tally.Add(code);
            progress.Show(i + 1, (*images)[i]);
            // Without a server the other images would fail one by one in the same way.
            return code != ExitCode::kUnreachable;
          });
  progress.Clear();
  const bool any_written =
      tally.Result() == ExitCode::kOk || tally.Result() == ExitCode::kSomeFailed;
  if (!annotate_.empty() && any_written && !context.options.json) {
    console.err << "Annotated pictures are in " << Printable(annotate_) << "\n";
  }
  return tally.Result();
}

}  // namespace mrmllm
