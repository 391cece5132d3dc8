// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/asked_question.h"

#include <algorithm>
#include <utility>

#include "base/words/question_words.h"
#include "model/prompt/question/color_words.h"

namespace mrmllm {
namespace {

using Words = std::vector<std::string>;

bool HasInterrogative(const Words& words) {
  return ContainsAny(words, {"what", "which", "where", "how", "who", "whose", "why", "when"});
}

bool WantsYesOrNo(const Words& words) {
  if (HasInterrogative(words)) return false;
  constexpr std::string_view kFillers[] = {
      "please",    "hey",      "hi",   "hello", "so",   "and",  "ok",  "okay", "now",
      "tell",      "me",       "just", "quick", "well", "then", "but", "look", "closely",
      "carefully", "question", "say",  "yes",   "no",   "or",   "can", "you",  "could"};
  if (ContainsAny(words, {"whether", "if"})) return true;
  const auto first = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(std::begin(kFillers), std::end(kFillers), word) == std::end(kFillers);
  });
  if (first == words.end()) return false;
  const std::vector<std::string> verb = {*first};
  return ContainsAny(verb, {"is", "are", "was", "were", "does", "do", "did", "has", "have", "isn",
                            "aren", "would", "any", "see", "find", "spot"});
}

// "there" of the image, unlike "How many days are there in a week?"
bool ThereSpeaksOfTheImage(const Words& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "there") continue;
    const bool elsewhere = i + 1 < words.size() && (words[i + 1] == "in" || words[i + 1] == "on");
    if (!elsewhere) return true;
  }
  return false;
}

bool SpeaksOfAnImage(const Words& words) {
  if (ContainsImageWord(words) || ThereSpeaksOfTheImage(words)) return true;
  if (ContainsAny(words,
                  {"here",    "this",      "these",      "those",      "visible",   "see",
                   "seen",    "shown",     "shows",      "showing",    "depicted",  "appear",
                   "appears", "camera",    "background", "foreground", "describe",  "description",
                   "caption", "summarize", "summary",    "detect",     "detected",  "object",
                   "objects", "thing",     "things",     "anything",   "something", "everything",
                   "anyone",  "someone",   "everyone",   "spot"})) {
    return true;
  }
  // Pronouns point at the image in a short question; in a long one at what it speaks of.
  constexpr size_t kShort = 6;
  return words.size() <= kShort &&
         ContainsAny(words, {"it", "they", "them", "he", "she", "his", "her", "that"});
}

// "What do cows eat?", "Is a dog a mammal?": of the class at large, unlike "the dog".
bool SpeaksOfTheClassAtLarge(const Words& words, const std::vector<ClassMention>& mentions) {
  if (ContainsAny(words,
                  {"write",    "translate", "spell",      "joke",     "poem",      "story",
                   "plural",   "define",    "definition", "meaning",  "means",     "synonym",
                   "opposite", "rhymes",    "recipe",     "invented", "history",   "world",
                   "usually",  "typically", "typical",    "average",  "generally", "lives"})) {
    return true;
  }
  const ClassMention& first = mentions.front();
  if (first.begin == 0) return false;
  size_t before = first.begin - 1;
  if ((words[before] == "a" || words[before] == "an") && before > 0) --before;
  const std::vector<std::string> verb = {words[before]};
  return ContainsAny(verb, {"do", "does", "did", "can", "is", "are", "would"});
}

bool SizeCanBeTold(const SizeQuestion& size, const Words& words,
                   const std::vector<ClassMeaning>& asked) {
  if (size.form == SizeQuestion::Form::kComparative) return asked.size() >= 2;
  return !asked.empty() ||
         (size.form == SizeQuestion::Form::kSuperlative &&
          ContainsAny(words, {"object", "objects", "thing", "things", "one", "item", "what"}) &&
          SpeaksOfAnImage(words));
}

bool NamesOnlyGroups(const std::vector<ClassMeaning>& asked) {
  return !asked.empty() && std::all_of(asked.begin(), asked.end(), [](const ClassMeaning& meaning) {
    return meaning.is_group;
  });
}

// A topic that boxes do not tell counts where the form does not ask for what they tell.
bool TopicCounts(const AskedQuestion& question, const Words& words) {
  // "What is this animal called?" asks for its class.
  if (question.topic->words == "The name" && NamesOnlyGroups(question.asked)) return false;
  switch (question.form) {
    case QuestionKind::kOther:
      return true;
    case QuestionKind::kExistence:
      return question.asked.empty() || HasInterrogative(words);
    default:
      return question.asked.empty();
  }
}

QuestionKind KindOf(const AskedQuestion& question, const Words& words,
                    const std::vector<ClassMention>& mentions) {
  const bool of_image = SpeaksOfAnImage(words);
  const bool untellable = question.topic.has_value() && TopicCounts(question, words);
  if (question.relation.has_value()) return QuestionKind::kRelation;
  if (!mentions.empty() && !of_image && !question.region.has_value() &&
      !(untellable && question.topic->is_action) && SpeaksOfTheClassAtLarge(words, mentions)) {
    return QuestionKind::kGeneral;
  }
  if (mentions.empty() && !of_image && !question.region.has_value() &&
      !(untellable && question.topic->of_image)) {
    return QuestionKind::kGeneral;
  }
  if (question.size.has_value()) return QuestionKind::kSize;
  if (AsksForColor(words) && !mentions.empty() && question.form != QuestionKind::kCount) {
    return QuestionKind::kColor;
  }
  if (!question.color.empty() && !mentions.empty() && question.yes_no &&
      question.form == QuestionKind::kOther) {
    return QuestionKind::kColor;
  }
  if (!mentions.empty() && OffersSides(words) && question.form != QuestionKind::kCount) {
    return QuestionKind::kPlace;
  }
  if (question.region.has_value() && question.form != QuestionKind::kPlace &&
      question.form != QuestionKind::kFinerName && !untellable) {
    return QuestionKind::kRegion;
  }
  if (untellable) return QuestionKind::kUntellable;
  if (NamesOnlyGroups(question.asked) && question.form == QuestionKind::kOther &&
      !question.yes_no) {
    return QuestionKind::kListing;
  }
  return question.form;
}

}  // namespace

AskedQuestion Understand(std::string_view text, const ClassWords& class_words) {
  const Words words = WordsOf(text);
  std::vector<ClassMention> mentions = class_words.MentionsIn(words);
  AskedQuestion question;
  question.form = FormOf(text);
  question.yes_no = WantsYesOrNo(words);
  question.between = Contains(words, "or");
  question.color = TakeColor(words, mentions);
  for (const ClassMention& mention : mentions) {
    const auto same = [&](const ClassMeaning& other) { return other.noun == mention.meaning.noun; };
    if (std::none_of(question.asked.begin(), question.asked.end(), same)) {
      question.asked.push_back(mention.meaning);
    }
  }
  question.relation = FindRelation(words, mentions);
  question.region = FindRegion(words);
  question.size = FindSizeQuestion(words);
  if (question.size.has_value() && !SizeCanBeTold(*question.size, words, question.asked)) {
    question.size.reset();
  }
  question.topic = FindUntellableTopic(words);
  question.kind = KindOf(question, words, mentions);
  // "Is the dog or the cat bigger?" wants one of them.
  if (question.kind == QuestionKind::kSize && question.between) question.yes_no = false;
  return question;
}

}  // namespace mrmllm
