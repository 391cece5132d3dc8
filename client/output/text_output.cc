// SPDX-License-Identifier: Apache-2.0
#include "client/output/text_output.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/draw/annotate.h"
#include "client/output/json_output.h"
#include "client/output/table.h"

namespace mrmllm {
namespace {

std::string DurationText(double milliseconds) {
  if (milliseconds < 10) return absl::StrFormat("%.1f ms", milliseconds);
  if (milliseconds < 1000) return absl::StrFormat("%.0f ms", milliseconds);
  return absl::StrFormat("%.1f s", milliseconds / 1000);
}

std::string PixelText(float fraction, int side) {
  return absl::StrCat(std::lround(fraction * side));
}

std::string FinerText(const v1::Detection& detection) {
  if (!detection.has_finer_name()) return "";
  return absl::StrFormat("%s %d%%", Printable(detection.finer_name().label()),
                         std::lround(detection.finer_name().score() * 100));
}

// The column of finer names only where there is one.
bool AnyFinerName(const v1::ImageDetections& image) {
  for (const v1::Detection& detection : image.detections()) {
    if (detection.has_finer_name()) return true;
  }
  return false;
}

std::string StateText(const v1::Model& model) {
  std::string text = StateName(model.state());
  if (model.active()) absl::StrAppend(&text, ", active");
  if (model.serves_by_default()) absl::StrAppend(&text, ", default");
  return text;
}

}  // namespace

double Milliseconds(bool present, const google::protobuf::Duration& duration) {
  return present ? duration.seconds() * 1e3 + duration.nanos() / 1e6 : -1;
}

std::string DetectionsText(absl::string_view name, const v1::ImageDetections& image,
                           double milliseconds, const Style& style) {
  const int count = image.detections_size();
  const int width = image.image().width();
  const int height = image.image().height();
  std::string facts =
      absl::StrFormat("  %d x %d  %d object%s", width, height, count, count == 1 ? "" : "s");
  if (milliseconds >= 0) absl::StrAppend(&facts, "  ", DurationText(milliseconds));
  if (image.image().cached()) absl::StrAppend(&facts, "  cached");
  std::string head = style.Bold(Printable(name)) + style.Dim(facts) + "\n";
  if (count == 0) return head;

  constexpr auto kRight = Table::Align::kRight;
  const bool finer = AnyFinerName(image);
  std::vector<Table::Column> columns = {{"#", kRight}, {"OBJECT"}, {"SCORE", kRight}};
  if (finer) columns.push_back({"FINER NAME"});
  for (const char* title : {"X", "Y", "W", "H"}) columns.push_back({title, kRight});
  Table table(std::move(columns));
  for (const v1::Detection& detection : image.detections()) {
    const v1::NormalizedBox& box = detection.box();
    std::vector<Table::Cell> row = {
        {absl::StrCat(detection.id())},
        {Printable(detection.label()), ColorOf(detection)},
        {absl::StrFormat("%.2f%s", detection.score(), detection.sure() ? "" : "?")}};
    if (finer) row.push_back({FinerText(detection)});
    row.push_back({PixelText(box.x_min(), width)});
    row.push_back({PixelText(box.y_min(), height)});
    row.push_back({PixelText(box.x_max() - box.x_min(), width)});
    row.push_back({PixelText(box.y_max() - box.y_min(), height)});
    table.AddRow(std::move(row));
  }
  return head + table.Render(style);
}

std::string GroundingText(const v1::PerceiveAndAnswerResponse& response, const Style& style) {
  std::vector<std::string> places;
  for (const v1::GroundedSpan& span : response.grounding()) {
    std::vector<std::string> ids;
    for (const int id : span.detection_ids()) ids.push_back(absl::StrCat("#", id));
    std::string place = absl::StrCat(Printable(span.text()), ": ", absl::StrJoin(ids, " "));
    if (response.images_size() > 1) absl::StrAppend(&place, " of image ", span.image_index());
    places.push_back(std::move(place));
  }
  if (places.empty()) return "";
  return style.Dim(absl::StrCat("rests on  ", absl::StrJoin(places, "; "))) + "\n";
}

std::string DegradationText(v1::Degradation degradation, const Style& style) {
  if (degradation != v1::DEGRADATION_ANSWER_SKIPPED) return "";
  return style.Dim("no answer: the time was too short for more than the boxes") + "\n";
}

std::string UsageText(const v1::TokenUsage& usage, const v1::Timings& timings, const Style& style) {
  std::string text = absl::StrCat(usage.answer_token_count(), " tokens");
  const double first =
      Milliseconds(timings.has_time_to_first_token(), timings.time_to_first_token());
  if (first >= 0) absl::StrAppend(&text, ", the first after ", DurationText(first));
  const double total = Milliseconds(timings.has_total(), timings.total());
  if (total >= 0) absl::StrAppend(&text, ", ", DurationText(total), " in all");
  if (usage.cached_token_count() > 0) {
    absl::StrAppend(&text, ", ", usage.cached_token_count(), " of ", usage.prompt_token_count(),
                    " prompt tokens from the cache");
  }
  return style.Dim(text) + "\n";
}

std::string ModelsText(const google::protobuf::RepeatedPtrField<v1::Model>& models,
                       const Style& style) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"MODEL"},
               {"VERSION", kRight},
               {"STATE"},
               {"DEVICE"},
               {"DTYPE"},
               {"CONTEXT", kRight},
               {"THRESHOLD", kRight},
               {"CLASSES", kRight}});
  for (const v1::Model& model : models) {
    table.AddRow({{Printable(model.name())},
                  {Printable(model.version())},
                  {StateText(model)},
                  {Printable(model.device())},
                  {Printable(model.dtype())},
                  {absl::StrCat(model.context_token_count())},
                  {absl::StrFormat("%.2f", model.sure_threshold())},
                  {absl::StrCat(model.labels_size())}});
  }
  std::string text = table.Render(style);
  for (const v1::Model& model : models) {
    if (model.failure().empty()) continue;
    absl::StrAppend(&text, Printable(model.name()), " ", Printable(model.version()), ": ",
                    style.Red(Printable(model.failure())), "\n");
  }
  return text;
}

}  // namespace mrmllm
