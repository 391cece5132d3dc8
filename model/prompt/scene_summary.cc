// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/scene_summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/words/class_nouns.h"

namespace mrmllm {
namespace {

int Percent(float fraction) {
  return static_cast<int>(std::lround(std::clamp(fraction, 0.0f, 1.0f) * 100));
}

float CenterX(const NormalizedBox& box) { return (box.x_min + box.x_max) / 2; }
float CenterY(const NormalizedBox& box) { return (box.y_min + box.y_max) / 2; }

std::string DescribeBox(const NormalizedBox& box) {
  // Even the smallest object covers something.
  return absl::StrFormat("%s %d,%d %d%%", PlaceOf(box), Percent(CenterX(box)),
                         Percent(CenterY(box)), std::max(1, Percent(box.area())));
}

// The finer name of the largest score among the class's objects; nullptr if none has one.
const Detection* BestFinerName(const ClassObjects& objects) {
  const Detection* best = nullptr;
  for (const Detection* detection : objects.sure) {
    if (detection->finer_label.empty()) continue;
    if (best == nullptr || detection->finer_score > best->finer_score) best = detection;
  }
  return best;
}

}  // namespace

std::vector<ClassObjects> GroupByClass(absl::Span<const Detection> detections) {
  std::map<std::string, ClassObjects> by_label;
  for (const Detection& detection : detections) {
    ClassObjects& objects = by_label[detection.label];
    objects.label = detection.label;
    if (detection.sure) {
      objects.sure.push_back(&detection);
    } else {
      ++objects.unsure_count;
    }
  }
  std::vector<ClassObjects> classes;
  for (auto& [label, objects] : by_label) {
    std::stable_sort(objects.sure.begin(), objects.sure.end(),
                     [](const Detection* a, const Detection* b) { return a->score > b->score; });
    classes.push_back(std::move(objects));
  }
  std::stable_sort(
      classes.begin(), classes.end(),
      [](const ClassObjects& a, const ClassObjects& b) { return a.sure.size() > b.sure.size(); });
  return classes;
}

std::string PlaceOf(const NormalizedBox& box) {
  const auto third = [](float center) { return center < 1.0f / 3 ? 0 : center < 2.0f / 3 ? 1 : 2; };
  constexpr const char* kRows[] = {"top", "", "bottom"};
  constexpr const char* kColumns[] = {"left", "", "right"};
  const std::string row = kRows[third(CenterY(box))];
  const std::string column = kColumns[third(CenterX(box))];
  if (row.empty() && column.empty()) return "center";
  return row.empty() || column.empty() ? row + column : absl::StrCat(row, " ", column);
}

std::string DescribeBoxes(const std::vector<ClassObjects>& classes, int max_boxes_per_class,
                          int max_boxes) {
  std::string text;
  int boxes_left = max_boxes;
  for (const ClassObjects& objects : classes) {
    if (objects.sure.empty() || boxes_left <= 0) break;
    const int count = static_cast<int>(objects.sure.size());
    const int shown = std::min({count, max_boxes_per_class, boxes_left});
    boxes_left -= shown;
    absl::StrAppend(&text, objects.label, " x", count);
    if (const Detection* finer = BestFinerName(objects); finer != nullptr) {
      absl::StrAppendFormat(&text, " (%s %.2f)", finer->finer_label, finer->finer_score);
    }
    for (int i = 0; i < shown; ++i) {
      absl::StrAppend(&text, i == 0 ? ": " : "; ", DescribeBox(objects.sure[i]->box));
    }
    text += '\n';
  }
  return text;
}

std::string DescribeCounts(const std::vector<ClassObjects>& classes, int max_classes) {
  std::vector<std::string> counts;
  for (const ClassObjects& objects : classes) {
    if (objects.sure.empty() || static_cast<int>(counts.size()) >= max_classes) break;
    counts.push_back(CountedNoun(static_cast<int>(objects.sure.size()), objects.label));
  }
  return JoinedList(counts);
}

std::string DescribeUnsure(const std::vector<ClassObjects>& classes) {
  std::vector<std::string> labels;
  for (const ClassObjects& objects : classes) {
    if (objects.sure.empty()) labels.push_back(objects.label);
  }
  return JoinedList(labels);
}

}  // namespace mrmllm
