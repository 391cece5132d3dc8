// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/facts/question_facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "model/prompt/facts/attribute_facts.h"
#include "model/prompt/facts/place_facts.h"
#include "model/prompt/facts/presence_facts.h"
#include "model/prompt/facts/relation_facts.h"
#include "model/prompt/facts/scene_objects.h"
#include "model/prompt/facts/size_facts.h"

namespace mrmllm {
namespace {

constexpr size_t kMaxAsked = 4;

std::string FirstOf(const std::string& fact, const std::string& otherwise) {
  return fact.empty() ? otherwise : fact;
}

std::string ClassFact(const ClassMeaning& asked, const AskedQuestion& question,
                      const FactScene& scene) {
  switch (question.kind) {
    case QuestionKind::kExistence:
      return PresenceFact(asked, scene, true, question.color);
    case QuestionKind::kCount:
      return PresenceFact(asked, scene, false, question.color);
    case QuestionKind::kPlace:
      return FirstOf(PlaceFact(asked, scene), PresenceFact(asked, scene));
    case QuestionKind::kFinerName:
      return FirstOf(FinerNameFact(asked, scene), PresenceFact(asked, scene));
    case QuestionKind::kRegion:
      return RegionFact(asked, question, scene);
    case QuestionKind::kColor:
      return FirstOf(AbsenceFact(asked, scene, question.yes_no),
                     ColorFact(asked, scene, question.yes_no ? question.color : ""));
    default:
      return PresenceFact(asked, scene);
  }
}

// "What the dogs are doing cannot be told from the image."
std::string UntellableFact(const AskedQuestion& question, size_t subjects, size_t images) {
  std::string what = question.topic->words;
  if (question.topic->is_action) {
    const std::string subject = question.asked.empty() ? "someone"
                                : subjects > 1         ? "the " + PluralOf(question.asked[0].noun)
                                                       : "the " + question.asked[0].noun;
    what = absl::StrCat(question.yes_no ? "Whether " : "What ", subject, " ",
                        IsOrAre(std::max<size_t>(subjects, 1)), " ", question.topic->words);
  }
  return absl::StrCat(what, " cannot be told from the ", images == 1 ? "image" : "images", ".");
}

std::vector<std::string> UntellableFacts(const AskedQuestion& question,
                                         const std::vector<FactScene>& scenes) {
  size_t subjects = 0;
  std::vector<std::string> facts;
  for (const FactScene& scene : scenes) {
    if (question.asked.empty()) continue;
    subjects += SureObjects(question.asked[0], scene).size();
    facts.push_back(PresenceFact(question.asked[0], scene));
  }
  // What a thing does that is not there is no question.
  if (subjects > 0 || question.asked.empty()) {
    facts.insert(facts.begin(), UntellableFact(question, subjects, scenes.size()));
  }
  return facts;
}

// Whether the question is about the image as a whole, or about two classes at once, so that it gets
// one fact an image.
bool IsOfWholeScene(const AskedQuestion& question) {
  return question.kind == QuestionKind::kRelation || question.kind == QuestionKind::kSize ||
         (question.kind == QuestionKind::kRegion && question.asked.empty());
}

std::string SceneFact(const AskedQuestion& question, const FactScene& scene) {
  if (question.kind == QuestionKind::kRelation) return RelationFact(question, scene);
  if (question.kind == QuestionKind::kSize) return SizeFact(question, scene);
  return RegionListFact(question, scene);
}

}  // namespace

std::vector<std::string> QuestionFacts(const AskedQuestion& question,
                                       const std::vector<std::vector<ClassObjects>>& scenes) {
  std::vector<FactScene> fact_scenes;
  for (size_t i = 0; i < scenes.size(); ++i) {
    FactScene scene{scenes[i]};
    if (scenes.size() > 1) {
      scene.where = absl::StrCat("image ", i + 1);
      scene.in_which = " in " + scene.where;
    }
    fact_scenes.push_back(scene);
  }
  if (question.kind == QuestionKind::kGeneral) return {};
  if (question.kind == QuestionKind::kUntellable) return UntellableFacts(question, fact_scenes);
  std::vector<std::string> facts;
  if (IsOfWholeScene(question)) {
    for (const FactScene& scene : fact_scenes) facts.push_back(SceneFact(question, scene));
    return facts;
  }
  for (size_t a = 0; a < std::min(question.asked.size(), kMaxAsked); ++a) {
    for (const FactScene& scene : fact_scenes) {
      facts.push_back(ClassFact(question.asked[a], question, scene));
    }
  }
  return facts;
}

}  // namespace mrmllm
