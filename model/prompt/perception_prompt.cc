// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/perception_prompt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "model/prompt/facts/question_facts.h"
#include "model/prompt/question/asked_question.h"

namespace mrmllm {

PerceptionPrompt::PerceptionPrompt(PromptConfig config, const std::vector<std::string>& labels,
                                   std::shared_ptr<const Tokenizer> tokenizer)
    : config_(std::move(config)), class_words_(labels), tokenizer_(std::move(tokenizer)) {}

std::string PerceptionPrompt::Compose(const PerceptionPromptInput& input) const {
  if (input.images.empty()) return "";
  const AskedQuestion question = Understand(input.question, class_words_);
  if (question.kind == QuestionKind::kGeneral) return "";
  std::vector<Scene> scenes;
  for (const absl::Span<const Detection> detections : input.images) {
    scenes.push_back(GroupByClass(detections));
  }
  const std::vector<std::string> facts = QuestionFacts(question, scenes);
  size_t most_classes = 1;
  for (const Scene& scene : scenes) most_classes = std::max(most_classes, scene.size());

  // With anything beside the facts, the model overlooks them more often; and asked about the whole
  // image it repeats the summary well when nothing follows it.
  const bool facts_suffice = question.kind != QuestionKind::kOther && !facts.empty();
  Detail detail{0, false, 0, facts.size()};
  if (!facts_suffice) detail.classes = static_cast<int>(most_classes);
  if (!facts_suffice && !facts.empty()) {
    detail.boxes = config_.max_boxes;
    detail.unsure = true;
  }
  std::string text = Write(scenes, facts, detail);
  while (!Fits(text)) {
    if (detail.boxes > 0) {
      --detail.boxes;
    } else if (detail.unsure) {
      detail.unsure = false;
    } else if (detail.classes > 0) {
      --detail.classes;
    } else if (detail.facts > 0) {
      --detail.facts;
    } else {
      return "";
    }
    text = Write(scenes, facts, detail);
  }
  return text;
}

std::string PerceptionPrompt::Write(const std::vector<Scene>& scenes,
                                    const std::vector<std::string>& facts,
                                    const Detail& detail) const {
  // Measured: the model repeats what comes first, so facts come first.
  std::string text;
  for (size_t i = 0; i < detail.facts; ++i) absl::StrAppend(&text, facts[i], "\n");
  for (size_t i = 0; i < scenes.size(); ++i) {
    const bool alone = scenes.size() == 1;
    const std::string subject = alone ? "The image" : absl::StrCat("Image ", i + 1);
    const std::string counts = DescribeCounts(scenes[i], detail.classes);
    if (!counts.empty()) {
      absl::StrAppend(&text, subject, " shows ", counts, ".\n");
    } else if (detail.classes > 0) {
      absl::StrAppend(&text, subject, " shows no known object.\n");
    }
    const std::string unsure = detail.unsure ? DescribeUnsure(scenes[i]) : "";
    if (!unsure.empty()) absl::StrAppend(&text, "Unsure: ", unsure, ".\n");
    text += DescribeBoxes(scenes[i], config_.max_boxes_per_class, detail.boxes);
  }
  return text;
}

bool PerceptionPrompt::Fits(const std::string& text) const {
  return tokenizer_->Encode(text).size() <= static_cast<size_t>(config_.max_perception_tokens);
}

}  // namespace mrmllm
