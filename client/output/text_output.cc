// SPDX-License-Identifier: Apache-2.0
#include "client/output/text_output.h"

#include <algorithm>
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

// A column that only some objects fill.
struct OptionalColumn {
  const char* title;
  bool (*fills)(const v1::Detection& detection);
  std::string (*text)(const v1::Detection& detection);
};

constexpr OptionalColumn kOptionalColumns[] = {
    {"COLOR", [](const v1::Detection& d) { return d.has_color(); },
     [](const v1::Detection& d) { return Printable(d.color().label()); }},
    {"FINER NAME", [](const v1::Detection& d) { return d.has_finer_name(); }, FinerText},
    {"LOOK", [](const v1::Detection& d) { return d.from_second_look(); },
     [](const v1::Detection& d) { return std::string(d.from_second_look() ? "2nd" : ""); }},
};

// Those that an object of the image fills.
std::vector<OptionalColumn> ColumnsFor(const v1::ImageDetections& image) {
  std::vector<OptionalColumn> columns;
  for (const OptionalColumn& column : kOptionalColumns) {
    if (std::ranges::any_of(image.detections(), column.fills)) columns.push_back(column);
  }
  return columns;
}

// "  looked again at 2 parts: 1 object added, 1 changed"
std::string SecondLookText(const v1::SecondLook& look) {
  const int parts = look.regions_size();
  if (parts == 0) return "";
  std::string text = absl::StrFormat("  looked again at %d part%s", parts, parts == 1 ? "" : "s");
  if (look.added_count() > 0) {
    absl::StrAppendFormat(&text, ": %d object%s added", look.added_count(),
                          look.added_count() == 1 ? "" : "s");
  }
  if (look.changed_count() > 0) {
    absl::StrAppend(&text, look.added_count() > 0 ? ", " : ": ", look.changed_count(), " changed");
  }
  return text;
}

std::string IdsText(const google::protobuf::RepeatedField<int32_t>& ids) {
  return absl::StrJoin(ids, " ", [](std::string* out, int id) { absl::StrAppend(out, "#", id); });
}

// "three dogs: 2 found #0 #1"
std::string ConflictText(const v1::Conflict& conflict) {
  std::string text = Printable(conflict.text());
  switch (conflict.kind()) {
    case v1::CONFLICT_KIND_PLACE:
      text += ": not there";
      break;
    case v1::CONFLICT_KIND_COLOR:
      text += ": of another color";
      break;
    case v1::CONFLICT_KIND_ABSENT:
      text += ": none found";
      break;
    default:
      absl::StrAppend(&text, ": ", conflict.found_count(), " found");
  }
  if (conflict.detection_ids_size() > 0) {
    absl::StrAppend(&text, " ", IdsText(conflict.detection_ids()));
  }
  return text;
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
  facts += SecondLookText(image.second_look());
  std::string head = style.Bold(Printable(name)) + style.Dim(facts) + "\n";
  if (count == 0) return head;

  constexpr auto kRight = Table::Align::kRight;
  const std::vector<OptionalColumn> optional = ColumnsFor(image);
  std::vector<Table::Column> columns = {{"#", kRight}, {"OBJECT"}, {"SCORE", kRight}};
  for (const OptionalColumn& column : optional) columns.push_back({column.title});
  for (const char* title : {"X", "Y", "W", "H"}) columns.push_back({title, kRight});
  Table table(std::move(columns));
  for (const v1::Detection& detection : image.detections()) {
    const v1::NormalizedBox& box = detection.box();
    std::vector<Table::Cell> row = {
        {absl::StrCat(detection.id())},
        {Printable(detection.label()), ColorOf(detection)},
        {absl::StrFormat("%.2f%s", detection.score(), detection.sure() ? "" : "?")}};
    for (const OptionalColumn& column : optional) row.push_back({column.text(detection)});
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
    std::string place = absl::StrCat(Printable(span.text()), ": ", IdsText(span.detection_ids()));
    if (response.images_size() > 1) absl::StrAppend(&place, " of image ", span.image_index());
    places.push_back(std::move(place));
  }
  if (places.empty()) return "";
  return style.Dim(absl::StrCat("rests on  ", absl::StrJoin(places, "; "))) + "\n";
}

std::string ConflictsText(const v1::PerceiveAndAnswerResponse& response, const Style& style) {
  std::vector<std::string> conflicts;
  for (const v1::Conflict& conflict : response.agreement().conflicts()) {
    conflicts.push_back(ConflictText(conflict));
    if (response.images_size() > 1) {
      absl::StrAppend(&conflicts.back(), " of image ", conflict.image_index());
    }
  }
  if (conflicts.empty()) return "";
  return style.Red(absl::StrCat("the boxes disagree  ", absl::StrJoin(conflicts, "; "))) + "\n";
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
