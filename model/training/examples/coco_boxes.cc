// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/coco_boxes.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/json_text.h"

namespace mrmllm {
namespace {

using nlohmann::json;

struct Frame {
  double width;
  double height;
};

float Fraction(double pixels, double whole) {
  return static_cast<float>(std::clamp(pixels / whole, 0.0, 1.0));
}

// Throws json::exception where the document is not of COCO's form.
absl::StatusOr<std::map<int64_t, std::vector<Detection>>> Read(
    const json& root, const std::vector<std::string>& labels) {
  std::map<int64_t, std::string> names;
  for (const json& category : root.at("categories")) {
    names[category.at("id").get<int64_t>()] = category.at("name").get<std::string>();
  }
  std::map<int64_t, Frame> frames;
  std::map<int64_t, std::vector<Detection>> boxes;
  for (const json& image : root.at("images")) {
    const auto id = image.at("id").get<int64_t>();
    frames[id] = {image.at("width").get<double>(), image.at("height").get<double>()};
    boxes[id];
  }
  for (const json& annotation : root.at("annotations")) {
    if (annotation.value("iscrowd", 0) == 1) continue;
    const auto image = annotation.at("image_id").get<int64_t>();
    const auto category = annotation.at("category_id").get<int64_t>();
    const auto frame = frames.find(image);
    const auto label = std::find(labels.begin(), labels.end(), names[category]);
    const auto box = annotation.at("bbox").get<std::vector<double>>();
    if (frame == frames.end() || label == labels.end() || box.size() != 4) {
      return absl::InvalidArgumentError(absl::StrCat(
          "annotations: expected a known image, a class of the detector and four numbers, got ",
          annotation.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 200)));
    }
    const auto [width, height] = frame->second;
    boxes[image].push_back(
        {.box = {Fraction(box[0], width), Fraction(box[1], height),
                 Fraction(box[0] + box[2], width), Fraction(box[1] + box[3], height)},
         .class_id = static_cast<int>(label - labels.begin()),
         .label = *label,
         .score = 1,
         .sure = true});
  }
  return boxes;
}

}  // namespace

absl::StatusOr<std::map<int64_t, std::vector<Detection>>> LoadCocoBoxes(
    const std::string& path, const std::vector<std::string>& labels) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const absl::StatusOr<json> root = ParseJson(text);
  if (!root.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", root.status().message()));
  }
  try {
    auto boxes = Read(*root, labels);
    if (boxes.ok()) return boxes;
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", boxes.status().message()));
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace mrmllm
