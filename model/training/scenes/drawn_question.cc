// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/drawn_question.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/words/class_nouns.h"
#include "base/words/question_words.h"
#include "model/training/scenes/wording.h"
#include "model/training/scenes/wordings/attribute_wordings.h"
#include "model/training/scenes/wordings/general_questions.h"
#include "model/training/scenes/wordings/place_wordings.h"
#include "model/training/scenes/wordings/presence_wordings.h"
#include "model/training/scenes/wordings/relation_wordings.h"
#include "model/training/scenes/wordings/scene_wordings.h"
#include "model/training/scenes/wordings/untellable_questions.h"
#include "model/training/scenes/wordings/untellable_wordings.h"

namespace mrmllm {
namespace {

using Wordings = absl::Span<const std::string_view>;

// Questions that take the object for granted.
constexpr NounChances kMostlyThere{0.85, 0.05};

constexpr std::string_view kColors[] = {"black", "white",  "red",  "green",  "yellow", "blue",
                                        "brown", "orange", "pink", "purple", "gray",   "grey"};

std::string Write(Wordings wordings, WordingFields fields, const WordingFields& more,
                  Random& random) {
  fields.insert(fields.end(), more.begin(), more.end());
  return InEverydayStyle(FillWording(random.Pick(wordings), fields, random), random);
}

DrawnQuestion Asked(QuestionKind kind, std::vector<KnownPhrase> nouns) {
  DrawnQuestion question;
  question.meaning.kind = kind;
  question.meaning.form = kind;
  for (KnownPhrase& noun : nouns) question.meaning.asked.push_back(std::move(noun.meaning));
  return question;
}

WordingFields TwoNouns(const std::vector<KnownPhrase>& nouns) {
  WordingFields fields = NounFields(nouns[0].phrase);
  const WordingFields second = NounFields(nouns[1].phrase, "2");
  fields.insert(fields.end(), second.begin(), second.end());
  return fields;
}

// The color of a sure object that the noun means, or any.
std::string DrawColor(const ClassMeaning& meaning, const QuestionSubjects& subjects,
                      Random& random) {
  std::vector<std::string> shown;
  for (const std::vector<ClassObjects>& scene : subjects.scenes) {
    for (const ClassObjects& objects : scene) {
      if (!Contains(meaning.labels, objects.label)) continue;
      for (const Detection* object : objects.sure) {
        if (!object->color.empty()) shown.push_back(object->color);
      }
    }
  }
  constexpr double kShown = 0.6;
  if (!shown.empty() && random.Chance(kShown)) return random.Pick(shown);
  return std::string(random.Pick(kColors));
}

DrawnQuestion DrawExistence(const QuestionSubjects& subjects, Random& random) {
  constexpr double kTwo = 0.12;
  constexpr double kColored = 0.08;
  if (subjects.scenes.size() == 1 && random.Chance(kTwo)) {
    const std::vector<KnownPhrase> nouns = DrawTwoNouns(subjects, {}, random);
    const bool both = random.Chance(0.5);
    DrawnQuestion question = Asked(QuestionKind::kExistence, nouns);
    question.text = Write(both ? Wordings(kBothWordings) : Wordings(kEitherWordings),
                          TwoNouns(nouns), {}, random);
    question.verdict = both ? Verdict::kAll : Verdict::kAny;
    return question;
  }
  const KnownPhrase noun = DrawNoun(subjects, {}, random);
  DrawnQuestion question = Asked(QuestionKind::kExistence, {noun});
  question.verdict = Verdict::kAny;
  if (random.Chance(kColored)) {
    const std::string color = DrawColor(noun.meaning, subjects, random);
    question.meaning.color = color == "grey" ? "gray" : color;
    question.text =
        Write(kColoredExistenceWordings, NounFields(noun.phrase), {{"{color}", color}}, random);
    return question;
  }
  question.text = Write(kExistenceWordings, NounFields(noun.phrase), {}, random);
  return question;
}

DrawnQuestion DrawCount(const QuestionSubjects& subjects, Random& random) {
  constexpr NounChances kCounted{0.75, 0.1};
  constexpr double kColored = 0.08;
  const KnownPhrase noun = DrawNoun(subjects, kCounted, random);
  DrawnQuestion question = Asked(QuestionKind::kCount, {noun});
  if (random.Chance(kColored)) {
    const std::string color = DrawColor(noun.meaning, subjects, random);
    question.meaning.color = color == "grey" ? "gray" : color;
    question.text =
        Write(kColoredCountWordings, NounFields(noun.phrase), {{"{color}", color}}, random);
    return question;
  }
  question.text = Write(kCountWordings, NounFields(noun.phrase), {}, random);
  return question;
}

DrawnQuestion DrawPlace(const QuestionSubjects& subjects, Random& random) {
  const KnownPhrase noun = DrawNoun(subjects, kMostlyThere, random);
  DrawnQuestion question = Asked(QuestionKind::kPlace, {noun});
  question.text = Write(kPlaceWordings, NounFields(noun.phrase), {}, random);
  return question;
}

DrawnQuestion DrawFinerName(const QuestionSubjects& subjects, Random& random) {
  const KnownPhrase noun = DrawNoun(subjects, kMostlyThere, random);
  const std::string& label = noun.meaning.labels.front();
  DrawnQuestion question = Asked(QuestionKind::kFinerName, {noun});
  const bool animal = label == "dog" || label == "cat" || label == "bird" || label == "horse";
  question.text =
      Write(animal && random.Chance(0.6) ? Wordings(kBreedWordings) : Wordings(kFinerNameWordings),
            NounFields(noun.phrase), {}, random);
  return question;
}

DrawnQuestion DrawRelation(const QuestionSubjects& subjects, Random& random) {
  constexpr std::pair<std::string_view, Direction> kPhrases[] = {
      {"to the left of", Direction::kLeftOf},
      {"left of", Direction::kLeftOf},
      {"on the left side of", Direction::kLeftOf},
      {"to the right of", Direction::kRightOf},
      {"right of", Direction::kRightOf},
      {"on the right side of", Direction::kRightOf},
      {"above", Direction::kAbove},
      {"over", Direction::kAbove},
      {"higher than", Direction::kAbove},
      {"below", Direction::kBelow},
      {"under", Direction::kBelow},
      {"beneath", Direction::kBelow},
      {"next to", Direction::kNextTo},
      {"beside", Direction::kNextTo},
      {"near", Direction::kNextTo},
      {"close to", Direction::kNextTo}};
  const auto& [phrase, direction] = random.Pick(kPhrases);
  const WordingFields relation = {{"{rel}", std::string(phrase)}};
  const std::vector<KnownPhrase> nouns = DrawTwoNouns(subjects, kMostlyThere, random);
  const WordingFields fields = TwoNouns(nouns);
  constexpr double kForms[] = {0.45, 0.25, 0.2, 0.1};
  DrawnQuestion question = Asked(QuestionKind::kRelation, nouns);
  question.meaning.relation = {direction, nouns[0].meaning, nouns[1].meaning};
  switch (random.PickWeighted(kForms)) {
    case 0:
      question.meaning.yes_no = true;
      question.verdict = Verdict::kAny;
      question.text = Write(kRelationYesNoWordings, fields, relation, random);
      break;
    case 1:
      question.meaning.relation->direction.reset();
      question.text = Write(kRelationWhereWordings, fields, {}, random);
      break;
    case 2:
      question.meaning.asked.pop_back();
      question.meaning.relation = {direction, std::nullopt, nouns[0].meaning};
      question.text = Write(kRelationListWordings, fields, relation, random);
      break;
    default:
      question.text = Write(kRelationCountWordings, fields, relation, random);
  }
  return question;
}

DrawnQuestion DrawRegion(const QuestionSubjects& subjects, Random& random) {
  constexpr std::string_view kRegions[] = {"on the left",
                                           "on the left side",
                                           "on the right",
                                           "on the right side",
                                           "at the top",
                                           "at the bottom",
                                           "in the middle",
                                           "in the center",
                                           "in the top left",
                                           "in the top right",
                                           "in the bottom left",
                                           "in the lower right corner",
                                           "in the upper left",
                                           "in the upper right part",
                                           "in the bottom right corner",
                                           "on the left half",
                                           "on the right half",
                                           "in the lower left corner"};
  const std::string region(random.Pick(kRegions));
  const KnownPhrase noun = DrawNoun(subjects, {0.8, 0.05}, random);
  constexpr double kForms[] = {0.5, 0.2, 0.3};
  const size_t form = random.PickWeighted(kForms);
  DrawnQuestion question = Asked(QuestionKind::kRegion, {});
  question.meaning.region = FindRegion(WordsOf(region));
  if (form != 2) question.meaning.asked.push_back(noun.meaning);
  question.meaning.yes_no = form == 0;
  if (form == 0) question.verdict = Verdict::kAny;
  question.text = Write(form == 0   ? Wordings(kRegionYesNoWordings)
                        : form == 1 ? Wordings(kRegionCountWordings)
                                    : Wordings(kRegionListWordings),
                        NounFields(noun.phrase), {{"{region}", region}}, random);
  return question;
}

DrawnQuestion DrawSize(const QuestionSubjects& subjects, Random& random) {
  constexpr std::string_view kComparatives[] = {"bigger", "larger",  "smaller", "bigger",
                                                "larger", "smaller", "taller",  "wider"};
  constexpr std::string_view kSuperlatives[] = {"biggest", "largest", "smallest", "tallest"};
  const std::vector<KnownPhrase> nouns = DrawTwoNouns(subjects, kMostlyThere, random);
  const WordingFields two = TwoNouns(nouns);
  const WordingFields comparative = {{"{cmp}", std::string(random.Pick(kComparatives))}};
  const WordingFields superlative = {{"{sup}", std::string(random.Pick(kSuperlatives))}};
  DrawnQuestion question = Asked(QuestionKind::kSize, nouns);
  constexpr double kForms[] = {0.3, 0.3, 0.2, 0.1, 0.1};
  const size_t form = random.PickWeighted(kForms);
  if (form >= 2) question.meaning.asked.resize(form == 2 ? 0 : 1);
  switch (form) {
    case 0:
      question.text = Write(kSizeWhichWordings, two, comparative, random);
      break;
    case 1:
      question.meaning.yes_no = true;
      question.verdict = Verdict::kAny;
      question.text = Write(kSizeYesNoWordings, two, comparative, random);
      break;
    case 2:
      question.text = Write(kLargestWordings, {}, superlative, random);
      break;
    case 3:
      question.text = Write(kLargestOfClassWordings, two, superlative, random);
      break;
    default:
      question.text = Write(kAmountWordings, two, {}, random);
  }
  return question;
}

DrawnQuestion DrawColorQuestion(const QuestionSubjects& subjects, Random& random) {
  const KnownPhrase noun = DrawNoun(subjects, kMostlyThere, random);
  DrawnQuestion question = Asked(QuestionKind::kColor, {noun});
  constexpr double kYesNo = 0.35;
  if (random.Chance(kYesNo)) {
    const std::string color = DrawColor(noun.meaning, subjects, random);
    question.meaning.yes_no = true;
    question.meaning.color = color == "grey" ? "gray" : color;
    question.verdict = Verdict::kAny;
    question.text =
        Write(kColorYesNoWordings, NounFields(noun.phrase), {{"{color}", color}}, random);
  } else {
    question.text = Write(kColorWordings, NounFields(noun.phrase), {}, random);
  }
  return question;
}

DrawnQuestion DrawListing(const QuestionSubjects& subjects, Random& random) {
  constexpr double kGroup = 0.25;
  if (random.Chance(kGroup)) {
    const KnownPhrase noun = DrawGroup(subjects, random);
    DrawnQuestion question = Asked(QuestionKind::kListing, {noun});
    question.text = Write(kGroupListingWordings, NounFields(noun.phrase), {}, random);
    return question;
  }
  DrawnQuestion question = Asked(QuestionKind::kListing, {});
  question.text = Write(kListingWordings, {}, {}, random);
  return question;
}

DrawnQuestion DrawUntellable(const QuestionSubjects& subjects, Random& random) {
  const KnownPhrase noun = DrawNoun(subjects, kMostlyThere, random);
  const WordingFields fields = NounFields(noun.phrase);
  const std::string the_noun = "the " + noun.meaning.noun;
  constexpr double kForms[] = {0.35, 0.2, 0.12, 0.18, 0.15};
  const size_t form = random.PickWeighted(kForms);
  DrawnQuestion question = Asked(QuestionKind::kUntellable, {noun});
  if (form == 0) {
    const UntellableQuestion& drawn = random.Pick(kUntellableQuestions);
    question.meaning.asked.clear();
    question.text = InEverydayStyle(FillWording(drawn.question, {}, random), random);
    question.untellable = std::string(drawn.what);
  } else if (form == 1) {
    const std::string action(random.Pick(kActions));
    question.text = Write(kActionWordings, fields, {{"{action}", action}}, random);
    question.untellable = absl::StrCat("what ", the_noun, " is ", action);
  } else if (form == 2) {
    const std::string state(random.Pick(kStates));
    question.text = Write(kActionYesNoWordings, fields, {{"{action}", state}}, random);
    question.untellable = absl::StrCat("whether ", the_noun, " is ", state);
  } else if (form == 3) {
    const std::string property(random.Pick(kProperties));
    question.text = Write(kPropertyWordings, fields, {{"{property}", property}}, random);
    question.untellable = absl::StrCat("whether ", the_noun, " is ", property);
  } else {
    const std::string thing(random.Pick(kUnknownThings));
    question.meaning.asked.clear();
    question.text = Write(kUnknownThingWordings, {}, {{"{thing}", thing}}, random);
    question.untellable = absl::StrCat("whether there is ", thing);
  }
  return question;
}

DrawnQuestion DrawGeneral(Random& random) {
  const GeneralQuestion& drawn = random.Pick(kGeneralQuestions);
  DrawnQuestion question = Asked(QuestionKind::kGeneral, {});
  question.text = InEverydayStyle(std::string(drawn.question), random);
  question.answer = std::string(drawn.answer);
  return question;
}

}  // namespace

DrawnQuestion DrawQuestion(QuestionKind kind, const QuestionSubjects& subjects, Random& random) {
  switch (kind) {
    case QuestionKind::kExistence:
      return DrawExistence(subjects, random);
    case QuestionKind::kCount:
      return DrawCount(subjects, random);
    case QuestionKind::kPlace:
      return DrawPlace(subjects, random);
    case QuestionKind::kFinerName:
      return DrawFinerName(subjects, random);
    case QuestionKind::kRelation:
      return DrawRelation(subjects, random);
    case QuestionKind::kRegion:
      return DrawRegion(subjects, random);
    case QuestionKind::kSize:
      return DrawSize(subjects, random);
    case QuestionKind::kColor:
      return DrawColorQuestion(subjects, random);
    case QuestionKind::kListing:
      return DrawListing(subjects, random);
    case QuestionKind::kGeneral:
      return DrawGeneral(random);
    default:
      return DrawUntellable(subjects, random);
  }
}

DrawnQuestion DrawFollowUp(const AskedQuestion& meaning, const QuestionSubjects& subjects,
                           Random& random) {
  DrawnQuestion question;
  question.meaning = meaning;
  question.meaning.color.clear();
  constexpr double kHowMany = 0.3;
  if (meaning.kind == QuestionKind::kExistence && random.Chance(kHowMany)) {
    question.meaning.kind = QuestionKind::kCount;
    question.meaning.form = QuestionKind::kCount;
    question.text = Write(kHowManyFollowUpWordings, {}, {}, random);
    return question;
  }
  const KnownPhrase noun = DrawNoun(subjects, {}, random);
  question.meaning.asked = {noun.meaning};
  if (meaning.kind == QuestionKind::kExistence) question.verdict = Verdict::kAny;
  question.text = Write(kFollowUpWordings, NounFields(noun.phrase), {}, random);
  return question;
}

}  // namespace mrmllm
