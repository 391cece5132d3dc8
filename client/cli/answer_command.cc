// SPDX-License-Identifier: Apache-2.0
#include "client/cli/answer_command.h"

#include <utility>

#include "base/status_macros.h"
#include "client/cli/image_files.h"
#include "client/draw/annotate.h"
#include "client/draw/caption.h"
#include "client/draw/picture_file.h"
#include "client/output/json_output.h"
#include "client/output/progress.h"
#include "client/output/text_output.h"

namespace mrmllm {
namespace {

std::string DisplayName(const std::string& name) { return name == "-" ? "stdin" : name; }

std::vector<std::string> DisplayNames(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) result.push_back(DisplayName(name));
  return result;
}

// Prints text as it comes; `true`, to go on.
bool PrintText(Console& console, absl::string_view text) {
  console.out << Printable(text) << std::flush;
  return !console.out.fail();
}

// The words of the answer that rest on objects of image `index`, in the colours of their boxes.
Caption CaptionFor(const std::string& question, const v1::PerceiveAndAnswerResponse& response,
                   int index) {
  Caption caption{.question = question, .answer = response.answer()};
  for (const v1::GroundedSpan& span : response.grounding()) {
    if (span.image_index() != index || span.detection_ids().empty()) continue;
    for (const v1::Detection& detection : response.images(index).detections()) {
      if (detection.id() != span.detection_ids(0)) continue;
      caption.spans.push_back({span.start_byte(), span.end_byte(), ColorOf(detection)});
    }
  }
  return caption;
}

}  // namespace

CLI::App* AnswerCommand::AddTo(CLI::App& app) {
  const bool ask = kind_ == Kind::kAsk;
  CLI::App* const command =
      ask ? app.add_subcommand("ask", "Answer a question about pictures, or about none")
          : app.add_subcommand("perceive", "Find the objects and answer a question about them");
  command->add_option("-q,--question", question_, "The question")->type_name("TEXT")->required();
  command->add_option("files", inputs_, "Pictures, folders of pictures, or - for standard input");
  command->add_flag("--together", together_,
                    "One question about all pictures together, instead of one for each");
  command->add_option("--image-id", image_ids_, "A picture of an earlier reply; repeat for more")
      ->type_name("ID")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--system", system_, "Instructions in place of the model's own")
      ->type_name("TEXT");
  AddModelOption(*command, &model_);
  AddSchedulingOptions(*command, &scheduling_);
  AddPerceptionOptions(*command, &perception_);
  AddGenerationOptions(*command, &generation_);
  if (ask) {
    command->add_flag("--no-perception", no_perception_, "Answer without looking for objects")
        ->group("Perception");
  } else {
    command->add_flag("--allow-degraded", allow_degraded_,
                      "Where the time is too short for the answer, take the boxes alone");
    command
        ->add_option("--annotate", annotate_,
                     "Draw boxes, question and answer into copies of the pictures in DIR")
        ->type_name("DIR");
  }
  return command;
}

std::vector<AnswerCommand::Group> AnswerCommand::MakeGroups(
    const std::vector<std::string>& images) const {
  const std::vector<std::string> paths =
      annotate_.empty() ? std::vector<std::string>() : AnnotatedPaths(annotate_, images);
  if (images.empty() || together_) return {{images, paths}};
  std::vector<Group> groups;
  for (size_t i = 0; i < images.size(); ++i) {
    groups.push_back({{images[i]}, {}});
    if (!paths.empty()) groups.back().annotated_paths = {paths[i]};
  }
  return groups;
}

template <typename Request>
Request AnswerCommand::MakeRequest(const std::vector<v1::Image>& images) const {
  Request request;
  for (const v1::Image& image : images) *request.add_images() = image;
  request.set_question(question_);
  if (!system_.empty()) {
    v1::Turn* const turn = request.add_turns();
    turn->set_role(v1::ROLE_SYSTEM);
    turn->set_text(system_);
  }
  *request.mutable_generation() = generation_;
  *request.mutable_perception() = perception_;
  *request.mutable_scheduling() = scheduling_;
  *request.mutable_model() = model_;
  if (no_perception_) request.mutable_perception()->set_enabled(false);
  return request;
}

absl::Status AnswerCommand::Ask(const CommandContext& context, const Group& group,
                                const std::vector<v1::Image>& images) const {
  const v1::AskRequest request = MakeRequest<v1::AskRequest>(images);
  Console& console = context.console;
  if (context.options.json) {
    ASSIGN_OR_RETURN(const v1::AskResponse response, context.client.Ask(request));
    console.out << AskJson(DisplayNames(group.names), question_, response) << std::endl;
    return absl::OkStatus();
  }
  bool any = false;
  const absl::StatusOr<v1::AskResponse> response = context.client.AskStream(
      request, {.on_text = [&](absl::string_view text) { return any = PrintText(console, text); }});
  if (any || response.ok()) console.out << std::endl;
  RETURN_IF_ERROR(response.status());
  if (console.out_is_terminal) {
    console.out << UsageText(response->usage(), response->timings(), console.out_style);
  }
  return absl::OkStatus();
}

absl::Status AnswerCommand::Perceive(const CommandContext& context, const Group& group,
                                     const std::vector<v1::Image>& images) const {
  auto request = MakeRequest<v1::PerceiveAndAnswerRequest>(images);
  request.set_allow_degraded(allow_degraded_);
  Console& console = context.console;
  if (context.options.json) {
    ASSIGN_OR_RETURN(const v1::PerceiveAndAnswerResponse response,
                     context.client.PerceiveAndAnswer(request));
    RETURN_IF_ERROR(OnThisSide(Annotate(group, images, response)));
    console.out << PerceiveJson(DisplayNames(group.names), question_, response) << std::endl;
    return absl::OkStatus();
  }
  const auto name = [&](size_t i) {
    if (i < group.names.size()) return DisplayName(group.names[i]);
    const size_t id = i - group.names.size();
    return id < image_ids_.size() ? image_ids_[id] : std::string("image");
  };
  const auto on_perception = [&](const v1::PerceptionEvent& event) {
    for (int i = 0; i < event.images_size(); ++i) {
      console.out << DetectionsText(name(i), event.images(i), -1, console.out_style) << "\n";
    }
    console.out << std::flush;
    return !console.out.fail();
  };
  bool any = false;
  const auto on_text = [&](absl::string_view text) { return any = PrintText(console, text); };
  const absl::StatusOr<v1::PerceiveAndAnswerResponse> response =
      context.client.PerceiveAndAnswerStream(request,
                                             {.on_perception = on_perception, .on_text = on_text});
  if (any || response.ok()) console.out << std::endl;
  RETURN_IF_ERROR(response.status());
  // Grounding and conflicts speak of the final boxes; those shown so far are the first look's.
  for (int i = 0; i < response->images_size(); ++i) {
    if (!response->images(i).has_second_look()) continue;
    console.out << "\n"
                << DetectionsText(name(i), response->images(i), -1, console.out_style) << "\n";
  }
  console.out << DegradationText(response->degradation(), console.out_style)
              << GroundingText(*response, console.out_style)
              << ConflictsText(*response, console.out_style);
  if (console.out_is_terminal) {
    console.out << UsageText(response->usage(), response->timings(), console.out_style);
  }
  return OnThisSide(Annotate(group, images, *response));
}

absl::Status AnswerCommand::Annotate(const Group& group, const std::vector<v1::Image>& images,
                                     const v1::PerceiveAndAnswerResponse& response) const {
  for (size_t i = 0; i < group.annotated_paths.size(); ++i) {
    const int index = static_cast<int>(i);
    if (index >= response.images_size()) break;
    ASSIGN_OR_RETURN(const cv::Mat picture, DecodePicture(images[i].content()));
    const cv::Mat boxes = WithBoxes(picture, response.images(index));
    RETURN_IF_ERROR(WritePicture(group.annotated_paths[i],
                                 WithCaption(boxes, CaptionFor(question_, response, index))));
  }
  return absl::OkStatus();
}

ExitCode AnswerCommand::Process(const CommandContext& context, const Group& group,
                                bool show_name) const {
  Console& console = context.console;
  const std::string first = group.names.empty() ? "" : DisplayName(group.names[0]);
  std::vector<v1::Image> images;
  absl::Status status;
  for (const std::string& name : group.names) {
    absl::StatusOr<std::string> bytes = ReadImage(name, console.in);
    if (!bytes.ok()) {
      status = OnThisSide(bytes.status());
      break;
    }
    images.emplace_back().set_content(*std::move(bytes));
  }
  for (const std::string& id : image_ids_) images.emplace_back().set_image_id(id);
  if (status.ok()) {
    const bool ask = kind_ == Kind::kAsk;
    if (show_name && ask && !context.options.json) {
      console.out << console.out_style.Bold(Printable(first)) << "\n";
    }
    status = ask ? Ask(context, group, images) : Perceive(context, group, images);
  }
  if (!status.ok()) {
    PrintError(context, first, status);
    if (context.options.json) {
      console.out << ErrorJson(DisplayNames(group.names), status) << std::endl;
    }
  }
  if (show_name && !context.options.json) console.out << std::endl;
  return ExitCodeOf(status);
}

ExitCode AnswerCommand::Run(const CommandContext& context) {
  Console& console = context.console;
  const absl::StatusOr<std::vector<std::string>> images = ListImages(inputs_);
  absl::Status status = images.status();
  if (status.ok() && !annotate_.empty()) status = EnsureFolder(annotate_);
  if (status.ok() && kind_ == Kind::kPerceive && images->empty() && image_ids_.empty()) {
    status = absl::InvalidArgumentError("files: expected at least one picture, got none");
  }
  if (!status.ok()) {
    PrintError(context, "", status);
    return ExitCode::kUsage;
  }
  const std::vector<Group> groups = MakeGroups(*images);
  const bool several = groups.size() > 1;
  // A bar between streamed answers would tear them apart: only when they go elsewhere.
  const bool bar = console.err_is_terminal && !console.out_is_terminal;
  Progress progress(console.err, bar, static_cast<int>(groups.size()));
  ExitTally tally;
  for (size_t i = 0; i < groups.size(); ++i) {
    progress.Show(static_cast<int>(i), groups[i].names.empty() ? "" : groups[i].names[0]);
    const ExitCode code = Process(context, groups[i], several);
    tally.Add(code);
    if (code == ExitCode::kUnreachable) break;
  }
  progress.Clear();
  if (!annotate_.empty() && tally.Result() == ExitCode::kOk && !context.options.json) {
    console.err << "Annotated pictures are in " << Printable(annotate_) << "\n";
  }
  return tally.Result();
}

}  // namespace mrmllm
