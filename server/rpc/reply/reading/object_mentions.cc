// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/object_mentions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/words/class_nouns.h"
#include "base/words/question_words.h"
#include "server/rpc/reply/reading/noun_phrase.h"

namespace mrmllm {
namespace {

// A noun and the word after it: a thing of another kind.
bool IsCompoundHead(const AnswerWord& word) {
  return word.is_one_of({"stop", "station", "track", "tracks", "seat",  "tree",  "trees", "juice",
                         "park", "driver",  "owner", "food",   "house", "court", "game",  "match",
                         "case", "store",   "shop",  "lane",   "ride",  "show",  "race"});
}

// The classes that the words of one segment name, as places in the whole text.
std::vector<ClassMention> NounsOf(const std::vector<AnswerWord>& words,
                                  const ClassWords& class_words) {
  std::vector<ClassMention> nouns;
  for (size_t begin = 0; begin < words.size();) {
    size_t end = begin;
    std::vector<std::string> segment;
    for (; end < words.size() && words[end].segment == words[begin].segment; ++end) {
      segment.push_back(words[end].text);
    }
    for (ClassMention& noun : class_words.MentionsIn(segment)) {
      noun.begin += begin;
      noun.end += begin;
      nouns.push_back(std::move(noun));
    }
    begin = end;
  }
  return nouns;
}

std::string TextOf(const std::vector<AnswerWord>& words, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) absl::StrAppend(&text, i > begin ? " " : "", words[i].text);
  return text;
}

bool SameSegment(const std::vector<AnswerWord>& words, size_t a, size_t b) {
  return b < words.size() && words[a].segment == words[b].segment;
}

// Whether the noun says what kind of thing the next one is ("dog bowl"), or is a color.
bool IsModifier(const std::vector<AnswerWord>& words, const ClassMention& noun,
                const ClassMention* next) {
  const size_t after = noun.end;
  if (next != nullptr && next->begin == after && SameSegment(words, noun.begin, after)) return true;
  if (SameSegment(words, noun.begin, after) &&
      (IsCompoundHead(words[after]) || words[after].before == '-')) {
    return true;
  }
  if (words[noun.begin].text != "orange") return false;
  const bool with_color = SameSegment(words, noun.begin, after + 1) &&
                          words[after].is_one_of({"and", "or"}) &&
                          !BasicColorTerm(words[after + 1].text).empty();
  const bool predicate =
      noun.begin > 0 && words[noun.begin - 1].is_one_of({"is", "are", "and", "mostly", "bright"});
  return with_color || predicate;
}

// Parts of the text that one verb rules, numbered, and which of them are not certain.
class Clauses {
 public:
  explicit Clauses(const std::vector<AnswerWord>& words) {
    for (size_t i = 0; i < words.size(); ++i) {
      const bool starts = i == 0 || words[i].segment != words[i - 1].segment || Breaks(words, i);
      if (starts) {
        const bool same_sentence = i > 0 && words[i].sentence == words[i - 1].sentence;
        clauses_.push_back({.follows = same_sentence});
      }
      Clause& clause = clauses_.back();
      clause.has_verb |= IsVerb(words[i]);
      clause.hedged |= Hedges(words, i);
      of_word_.push_back(clauses_.size() - 1);
    }
    for (size_t i = 1; i < clauses_.size(); ++i) {
      // A list goes on: "There may be a cat, a dog and a bird."
      if (clauses_[i].follows && !clauses_[i].has_verb) {
        clauses_[i].hedged |= clauses_[i - 1].hedged;
      }
    }
  }

  bool hedged(size_t word) const { return clauses_[of_word_[word]].hedged; }

 private:
  struct Clause {
    bool follows = false;  // another one of its sentence
    bool has_verb = false;
    bool hedged = false;
  };

  static bool Breaks(const std::vector<AnswerWord>& words, size_t i) {
    return words[i].is_one_of({"but", "while", "though", "although", "however", "whereas"}) ||
           StandsAt(words, i, {"and", "there"}) || StandsAt(words, i, {"and", "it"});
  }

  static bool IsVerb(const AnswerWord& word) {
    return word.is_one_of({"is",   "are",    "was",     "were",     "be",   "has",   "have",
                           "show", "shows",  "see",     "contains", "may",  "might", "could",
                           "can",  "must",   "do",      "does",     "isn",  "aren",  "includes",
                           "sits", "stands", "appears", "seems",    "lies", "looks"});
  }

  static bool Hedges(const std::vector<AnswerWord>& words, size_t i) {
    if (words[i].is_one_of({"may",      "might",    "maybe",     "perhaps",   "possibly",
                            "possible", "probably", "likely",    "unlikely",  "could",
                            "would",    "unsure",   "uncertain", "unclear",   "seems",
                            "appears",  "if",       "whether",   "resembles", "imagine"})) {
      return true;
    }
    if (words[i].is_one_of(
            {"sure", "certain", "clear", "tell", "told", "say", "said", "determine", "know"})) {
      for (size_t back = 1; back <= 3 && back <= i; ++back) {
        if (words[i - back].is_one_of({"not", "cannot", "t", "hard", "difficult"})) return true;
      }
    }
    return false;
  }

  std::vector<Clause> clauses_;
  std::vector<size_t> of_word_;
};

// "there isn't a dog", "does not show any dog", "without a dog": a negation before the phrase with
// nothing between that keeps it from the noun.
bool IsDenied(const std::vector<AnswerWord>& words, size_t phrase_begin, size_t limit) {
  for (size_t at = phrase_begin; at > limit; --at) {
    const AnswerWord& word = words[at - 1];
    if (word.segment != words[phrase_begin].segment) return false;
    if (word.is_one_of({"not", "t", "cannot", "without", "neither", "no"})) return true;
    if (!word.is_one_of({"see", "show", "contain", "include", "have", "depict", "feature", "find",
                         "detect", "identify", "spot", "any", "appear", "to", "be", "visible",
                         "actually", "clearly"})) {
      return false;
    }
  }
  return false;
}

// "the dog is not visible", "dogs cannot be seen", "is not in the image": a denial after the noun.
bool IsDeniedAfter(const std::vector<AnswerWord>& words, size_t noun_end) {
  bool negated = false;
  for (size_t at = noun_end; at < words.size() && at < noun_end + 6; ++at) {
    const AnswerWord& word = words[at];
    if (word.segment != words[noun_end].segment) return false;
    if (word.is_one_of({"not", "t", "cannot"})) {
      negated = true;
    } else if (negated && (IsImageWord(word.text) ||
                           word.is_one_of({"visible", "present", "seen", "shown", "there", "here",
                                           "depicted", "found", "detected"}))) {
      return true;
    } else if (!word.is_one_of({"is", "are", "was", "were", "can", "be", "isn", "aren", "in", "the",
                                "this", "clearly"})) {
      return false;
    }
  }
  return false;
}

// A list of what is not there goes on: "no cats, dogs or birds".
bool ContinuesDenial(const std::vector<AnswerWord>& words, const ObjectMention& before,
                     const NounPhrase& phrase) {
  const size_t between = phrase.begin - before.end;
  if (between == 0) return phrase.bare && words[phrase.begin].before == ',';
  return between == 1 && words[before.end].is_one_of({"or", "nor"});
}

// Where the text names one of the images.
struct ImageName {
  size_t word = 0;
  int image = 0;
};

std::vector<ImageName> ImageNames(const std::vector<AnswerWord>& words, int image_count) {
  std::vector<ImageName> names;
  const auto add = [&](size_t word, int number) {
    if (number >= 1 && number <= image_count) names.push_back({word, number - 1});
  };
  for (size_t i = 0; i < words.size(); ++i) {
    if (!IsImageWord(words[i].text)) continue;
    if (i + 1 < words.size() && SameSegment(words, i, i + 1)) {
      if (const auto number = NumberOf(words[i + 1])) {
        add(i, *number);
        continue;
      }
    }
    if (i == 0) continue;
    if (words[i - 1].text == "first") add(i, 1);
    if (words[i - 1].text == "second") add(i, 2);
    if (words[i - 1].text == "third") add(i, 3);
    if (words[i - 1].text == "last") add(i, image_count);
  }
  return names;
}

// The image that a sentence speaks of at a noun: the one named between it and the next noun, else
// the last one named before, else the next.
std::optional<int> ImageOf(const std::vector<AnswerWord>& words,
                           const std::vector<ImageName>& names, const ObjectMention& mention,
                           size_t next_noun, int image_count) {
  if (image_count == 1) return 0;
  std::optional<int> before;
  std::optional<int> after;
  for (const ImageName& name : names) {
    if (words[name.word].sentence != words[mention.begin].sentence) continue;
    if (name.word < mention.begin) {
      before = name.image;
    } else if (name.word < next_noun) {
      return name.image;
    } else if (!after.has_value()) {
      after = name.image;
    }
  }
  return before.has_value() ? before : after;
}

ObjectMention Read(const std::vector<AnswerWord>& words, const ClassMention& noun,
                   const ObjectMention* before) {
  const size_t limit = before == nullptr ? 0 : before->end;
  const NounPhrase phrase = ReadNounPhrase(words, noun.begin, limit);
  ObjectMention mention{
      .meaning = noun.meaning,
      .form = phrase.definite ? ObjectMention::Form::kDefinite : ObjectMention::Form::kIndefinite,
      .bare = phrase.bare,
      .quantity = phrase.quantity,
      .in_question = words[noun.begin].in_question,
      .color = phrase.color,
      .phrase_begin = phrase.begin,
      .begin = noun.begin,
      .end = noun.end};
  const std::string text = TextOf(words, noun.begin, noun.end);
  mention.narrower = text != noun.meaning.noun && text != PluralOf(noun.meaning.noun);
  const bool denied_after = IsDeniedAfter(words, noun.end);
  const bool denied = denied_after || phrase.negated || phrase.quantity == Quantity{0, 0} ||
                      IsDenied(words, phrase.begin, limit) ||
                      (before != nullptr && before->form == ObjectMention::Form::kDenied &&
                       words[before->begin].sentence == words[noun.begin].sentence &&
                       ContinuesDenial(words, *before, phrase));
  if (!denied && phrase.begin >= 2 && words[phrase.begin - 1].text == "of" &&
      words[phrase.begin - 2].is_one_of({"none", "neither"})) {
    mention.hedged = true;  // "none of the three cars is red": there may be other things to say
    return mention;
  }
  if (!denied) {
    // "no dog on the couch": nothing is said of a couch.
    const bool within =
        before != nullptr && before->form == ObjectMention::Form::kDenied &&
        SameSegment(words, before->begin, noun.begin) &&
        words[phrase.begin - 1].is_one_of(
            {"on", "in", "at", "near", "by", "with", "under", "behind", "beside", "to", "of"});
    mention.hedged = within;
    return mention;
  }
  mention.form = ObjectMention::Form::kDenied;
  // "no other dog", "not the dog": that there is none is not said.
  if (phrase.definite && !denied_after) mention.hedged = true;
  return mention;
}

}  // namespace

std::vector<ObjectMention> FindObjectMentions(const std::vector<AnswerWord>& words,
                                              const ClassWords& class_words, int image_count) {
  const std::vector<ClassMention> nouns = NounsOf(words, class_words);
  const std::vector<ImageName> images = ImageNames(words, image_count);
  const Clauses clauses(words);
  std::vector<ObjectMention> mentions;
  for (size_t i = 0; i < nouns.size(); ++i) {
    const ClassMention* next = i + 1 < nouns.size() ? &nouns[i + 1] : nullptr;
    if (IsModifier(words, nouns[i], next)) continue;
    ObjectMention mention = Read(words, nouns[i], mentions.empty() ? nullptr : &mentions.back());
    mention.hedged |= clauses.hedged(mention.begin);
    mention.image =
        ImageOf(words, images, mention, next == nullptr ? words.size() : next->begin, image_count);
    mentions.push_back(std::move(mention));
  }
  return mentions;
}

}  // namespace mrmllm
