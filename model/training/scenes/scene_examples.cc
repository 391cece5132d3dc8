// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/scene_examples.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "model/prompt/conversation.h"
#include "model/prompt/facts/question_facts.h"
#include "model/prompt/facts/scene_objects.h"
#include "model/training/scenes/answer_wording.h"

namespace mrmllm {
namespace {

struct KindShare {
  QuestionKind kind;
  double share;
};
constexpr KindShare kShares[] = {
    {QuestionKind::kExistence, 20},  {QuestionKind::kCount, 14},    {QuestionKind::kPlace, 7},
    {QuestionKind::kRelation, 11},   {QuestionKind::kRegion, 6},    {QuestionKind::kSize, 8},
    {QuestionKind::kColor, 7},       {QuestionKind::kFinerName, 5}, {QuestionKind::kListing, 9},
    {QuestionKind::kUntellable, 11}, {QuestionKind::kGeneral, 10},
};
constexpr double kTwoImages = 0.08;
constexpr double kFollowUp = 0.05;      // of questions for presence and number
constexpr double kEarlierTurns = 0.06;  // unrelated ones
constexpr double kPoorScene = 0.2;      // of questions about two things, where there are not two
constexpr size_t kMaxCopiedClasses = 8;

QuestionKind DrawKind(Random& random) {
  std::vector<double> shares;
  for (const KindShare& share : kShares) shares.push_back(share.share);
  return kShares[random.PickWeighted(shares)].kind;
}

bool SameRelation(const std::optional<SpatialRelation>& a,
                  const std::optional<SpatialRelation>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  return a->direction == b->direction && a->subject == b->subject && a->reference == b->reference;
}

// Whether the prompt's own understanding is what the question means, for kinds whose answer only
// the host can compute.
bool IsUnderstood(const AskedQuestion& understood, const AskedQuestion& meaning) {
  return understood.kind == meaning.kind && understood.asked == meaning.asked &&
         (meaning.kind != QuestionKind::kRelation ||
          SameRelation(understood.relation, meaning.relation)) &&
         (meaning.kind != QuestionKind::kRegion || understood.region == meaning.region) &&
         (meaning.kind != QuestionKind::kColor || !meaning.yes_no ||
          understood.color == meaning.color);
}

// Whether every image shows two classes, so that they can be compared.
bool ShowsTwoClasses(const std::vector<std::vector<ClassObjects>>& scenes) {
  return absl::c_all_of(scenes, [](const std::vector<ClassObjects>& scene) {
    return absl::c_count_if(scene, [](const ClassObjects& seen) { return !seen.sure.empty(); }) > 1;
  });
}

// "The image shows 2 dogs.": the prompt's lines about whole images, as the answer to a listing.
std::string ListingAnswer(const std::string& perception) {
  std::vector<std::string> shown;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(perception, '\n', absl::SkipEmpty()))) {
    if (absl::StartsWith(line, "The image shows ") ||
        (absl::StartsWith(line, "Image ") && absl::StrContains(line, " shows "))) {
      shown.push_back(line);
    }
  }
  return absl::StrJoin(shown, " ");
}

}  // namespace

SceneExamples::SceneExamples(const ModelConfig& config, std::shared_ptr<const Tokenizer> tokenizer,
                             uint64_t seed)
    : vocabulary_(config),
      class_words_(config.detector.labels),
      prompt_(config.prompt, config.detector.labels, std::move(tokenizer)),
      system_(config.prompt.system),
      random_(seed) {}

TrainingExample SceneExamples::Next() {
  while (true) {
    if (std::optional<TrainingExample> example = TryNext(); example.has_value()) return *example;
  }
}

std::optional<TrainingExample> SceneExamples::TryNext() {
  const size_t images = random_.Chance(kTwoImages) ? 2 : 1;
  Scenes scenes;
  std::vector<absl::Span<const Detection>> spans;
  std::vector<std::vector<ClassObjects>> grouped;
  for (size_t i = 0; i < images; ++i) scenes.push_back(DrawScene(vocabulary_, random_));
  for (const std::vector<Detection>& scene : scenes) {
    spans.emplace_back(scene);
    grouped.push_back(GroupByClass(scene));
  }
  const QuestionSubjects subjects{class_words_, vocabulary_.labels, grouped};
  const QuestionKind kind = DrawKind(random_);
  const bool compares = kind == QuestionKind::kRelation || kind == QuestionKind::kSize;
  if (compares && !ShowsTwoClasses(grouped) && !random_.Chance(kPoorScene)) return std::nullopt;
  DrawnQuestion question = DrawQuestion(kind, subjects, random_);
  TrainingExample example;
  const bool can_follow = (kind == QuestionKind::kExistence || kind == QuestionKind::kCount) &&
                          question.meaning.asked.size() == 1;
  if (can_follow && random_.Chance(kFollowUp)) {
    example.turns = EarlierTurns(question, subjects);
    question = DrawFollowUp(question.meaning, subjects, random_);
  } else if (random_.Chance(kEarlierTurns)) {
    example.turns = EarlierTurns(DrawQuestion(DrawKind(random_), subjects, random_), subjects);
  }
  const std::string perception = prompt_.Compose({spans, question.text});
  const std::optional<std::string> answer = AnswerTo(question, subjects, perception);
  if (!answer.has_value()) return std::nullopt;
  example.turns = ComposeConversation({example.turns, question.text, perception, system_});
  example.answer = *answer;
  return example;
}

// The question, which had its own perception prompt then, and its answer; none if it has none.
std::vector<Turn> SceneExamples::EarlierTurns(const DrawnQuestion& question,
                                              const QuestionSubjects& subjects) {
  std::string answer = question.answer;
  if (answer.empty() && !question.untellable.empty()) answer = CannotTell(question.untellable);
  if (answer.empty()) {
    AskedQuestion meaning = Understand(question.text, class_words_);
    if (!IsUnderstood(meaning, question.meaning)) meaning = question.meaning;
    const std::vector<std::string> facts = QuestionFacts(meaning, subjects.scenes);
    if (facts.empty()) return {};
    answer = WordAnswer(facts, question.verdict);
  }
  return {{Turn::Role::kUser, question.text}, {Turn::Role::kAssistant, answer}};
}

std::optional<std::string> SceneExamples::AnswerTo(const DrawnQuestion& question,
                                                   const QuestionSubjects& subjects,
                                                   const std::string& perception) {
  if (!question.answer.empty()) return question.answer;
  // Without a perception prompt only general questions can be answered.
  if (perception.empty()) return std::nullopt;
  const AskedQuestion understood = Understand(question.text, class_words_);
  const AskedQuestion& meaning = question.meaning;
  if (!question.untellable.empty()) {
    if (understood.kind == QuestionKind::kUntellable) {
      return WordAnswer(QuestionFacts(understood, subjects.scenes), Verdict::kNone);
    }
    // What a thing is like that is not there is no question.
    const bool there = meaning.asked.empty() ||
                       absl::c_any_of(subjects.scenes, [&](const std::vector<ClassObjects>& scene) {
                         return !SureObjects(meaning.asked[0], FactScene{scene}).empty();
                       });
    if (there) return CannotTell(question.untellable);
    AskedQuestion presence = meaning;
    presence.kind = QuestionKind::kOther;
    return WordAnswer(QuestionFacts(presence, subjects.scenes), Verdict::kNone);
  }
  if (meaning.kind == QuestionKind::kListing && meaning.asked.empty()) {
    const std::string listing = ListingAnswer(perception);
    return listing.empty() ? std::nullopt : std::optional(listing);
  }
  switch (meaning.kind) {
    case QuestionKind::kExistence:
    case QuestionKind::kCount:
    case QuestionKind::kListing: {
      // Told as a fact, or to be read off the list of everything if that is not too long.
      const std::vector<std::string> facts = QuestionFacts(meaning, subjects.scenes);
      const bool told = absl::StrContains(perception, facts[0]);
      if (!told && (subjects.scenes[0].size() > kMaxCopiedClasses || !meaning.color.empty())) {
        return std::nullopt;
      }
      return WordAnswer(facts, question.verdict);
    }
    default:
      if (!IsUnderstood(understood, meaning)) return std::nullopt;
      return WordAnswer(QuestionFacts(understood, subjects.scenes),
                        understood.yes_no ? Verdict::kAny : question.verdict);
  }
}

}  // namespace mrmllm
