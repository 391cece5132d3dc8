// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/jsonl_examples.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/json_fields.h"
#include "model/json_text.h"
#include "model/prompt/conversation.h"

namespace mrmllm {
namespace {

using nlohmann::json;

std::vector<Turn> ParseTurns(const json& list, absl::Status* status) {
  static const auto& roles =
      *new std::map<std::string, Turn::Role>{{"system", Turn::Role::kSystem},
                                             {"user", Turn::Role::kUser},
                                             {"assistant", Turn::Role::kAssistant}};
  std::vector<Turn> turns;
  for (const json& element : list) {
    JsonFields fields(element, absl::StrCat("turns[", turns.size(), "]"), status);
    const std::string role = fields.Choice("role", {"system", "user", "assistant"});
    const std::string text = fields.String("text");
    fields.Finish();
    if (!status->ok()) return {};
    turns.push_back({roles.at(role), text});
  }
  return turns;
}

std::vector<Detection> ParseDetections(const json& list, const DetectorConfig& detector,
                                       absl::Status* status) {
  std::vector<Detection> detections;
  for (const json& element : list) {
    JsonFields fields(element, absl::StrCat("detections[", detections.size(), "]"), status);
    Detection detection;
    detection.label = fields.Choice("label", detector.labels);
    detection.score = static_cast<float>(fields.Number("score", 0, 1));
    const std::vector<double> box = fields.Numbers("box", 4, 0, 1);
    if (element.contains("finer_label")) {
      detection.finer_label = fields.String("finer_label");
      detection.finer_score = 1;
    }
    if (element.contains("color")) {
      detection.color = fields.String("color");
      detection.color_score = 1;
    }
    if (status->ok() && (box[0] > box[2] || box[1] > box[3])) {
      fields.Fail("box", "[x_min, y_min, x_max, y_max]", element["box"]);
    }
    fields.Finish();
    if (!status->ok()) return {};
    detection.box = {static_cast<float>(box[0]), static_cast<float>(box[1]),
                     static_cast<float>(box[2]), static_cast<float>(box[3])};
    detection.class_id = static_cast<int>(
        std::find(detector.labels.begin(), detector.labels.end(), detection.label) -
        detector.labels.begin());
    detection.sure = detection.score >= detector.sure_threshold;
    if (detection.score >= detector.unsure_threshold) detections.push_back(std::move(detection));
  }
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  return detections;
}

// Puts the last turn as it is served.
void AddPerception(const PerceptionPrompt& prompt, const std::string& system,
                   const std::vector<Detection>& detections, std::vector<Turn>& turns) {
  const absl::Span<const Detection> seen = detections;
  const std::string question = turns.back().text;
  const std::string perception = prompt.Compose({absl::MakeConstSpan(&seen, 1), question});
  const auto before = absl::MakeConstSpan(turns).first(turns.size() - 1);
  turns = ComposeConversation({before, question, perception, system});
}

absl::StatusOr<TrainingExample> ParseLine(const std::string& line, const ModelConfig& config,
                                          const PerceptionPrompt& prompt,
                                          const JsonlExamples::Options& options) {
  ASSIGN_OR_RETURN(json object, ParseJson(line));
  absl::Status status;
  JsonFields fields(object, "", &status);
  TrainingExample example;
  example.answer = fields.String("answer");
  std::optional<std::vector<Detection>> detections;
  example.turns = ParseTurns(fields.Array("turns"), &status);
  if (status.ok() && (example.turns.empty() || example.turns.back().role != Turn::Role::kUser)) {
    fields.Fail("turns", "at least one turn, the last the user's", object["turns"]);
  }
  if (object.contains("detections")) {
    detections = ParseDetections(fields.Array("detections"), config.detector, &status);
  }
  if (object.contains("image_id")) {
    const auto boxes = options.boxes.find(fields.Int("image_id", 0, INT64_MAX));
    if (boxes == options.boxes.end()) {
      fields.Fail("image_id", "an image of the annotations", object["image_id"]);
    } else {
      detections = boxes->second;
    }
  }
  fields.Finish();
  RETURN_IF_ERROR(status);
  if (detections.has_value()) {
    AddPerception(prompt, config.prompt.system, *detections, example.turns);
  }
  return example;
}

}  // namespace

absl::StatusOr<std::unique_ptr<JsonlExamples>> JsonlExamples::Load(const std::string& path,
                                                                   const ModelConfig& config,
                                                                   const PerceptionPrompt& prompt,
                                                                   const Options& options) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::vector<TrainingExample> examples;
  std::string line;
  double held_out = 0;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    absl::StatusOr<TrainingExample> example = ParseLine(line, config, prompt, options);
    if (!example.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number, ": ", example.status().message()));
    }
    const double before = std::exchange(held_out, held_out + options.held_out);
    const bool is_held_out = std::floor(held_out) > std::floor(before);
    if (is_held_out == (options.split == Split::kHeldOut)) examples.push_back(*std::move(example));
  }
  if (examples.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": expected at least one line for ",
                     options.split == Split::kHeldOut ? "evaluation" : "training", ", got none"));
  }
  return std::unique_ptr<JsonlExamples>(new JsonlExamples(std::move(examples), options.seed));
}

JsonlExamples::JsonlExamples(std::vector<TrainingExample> examples, uint64_t seed)
    : examples_(std::move(examples)),
      order_(examples_.size()),
      next_(order_.size()),
      random_(seed) {
  std::iota(order_.begin(), order_.end(), size_t{0});
}

TrainingExample JsonlExamples::Next() {
  if (next_ == order_.size()) {
    // Not std::shuffle: what it draws differs between libraries.
    for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_() % i]);
    next_ = 0;
  }
  return examples_[order_[next_++]];
}

}  // namespace mrmllm
