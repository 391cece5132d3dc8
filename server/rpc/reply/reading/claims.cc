// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/claims.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "base/words/question_words.h"
#include "server/rpc/reply/reading/noun_phrase.h"
#include "server/rpc/reply/reading/object_mentions.h"

namespace mrmllm {
namespace {

using Form = ObjectMention::Form;

class ClaimReader {
 public:
  ClaimReader(std::string_view answer, const ClassWords& class_words, int image_count)
      : words_(WordsOfAnswer(answer)),
        mentions_(FindObjectMentions(words_, class_words, image_count)) {}

  std::vector<Claim> Read() {
    for (const ObjectMention& mention : mentions_) {
      if (mention.hedged || mention.in_question) continue;
      if (const auto number = FindNumberAfter(mention)) {
        AddNumber(mention, *number);
      } else if (SpeaksOfImage(mention)) {
        AddExistence(mention);
        AddColor(mention);
      }
    }
    AddPlaces();
    std::ranges::stable_sort(claims_, {}, &Claim::start_byte);
    return std::move(claims_);
  }

 private:
  Claim ClaimOf(const ObjectMention& mention, Claim::Kind kind) const {
    return {.kind = kind,
            .meaning = mention.meaning,
            .narrower = mention.narrower,
            .image = mention.image,
            .start_byte = words_[mention.phrase_begin].start_byte,
            .end_byte = words_[mention.end - 1].end_byte};
  }

  bool InSentence(size_t word, const ObjectMention& mention) const {
    return word < words_.size() && words_[word].sentence == words_[mention.begin].sentence;
  }

  // Whether its sentence is about what can be seen: "there is", "the image shows", "on the left", a
  // phrase that is the whole answer; or it speaks of a thing that is known: "the dog".
  bool SpeaksOfImage(const ObjectMention& mention) const {
    if (mention.form == Form::kDefinite) return true;
    size_t begin = mention.begin;
    while (begin > 0 && InSentence(begin - 1, mention)) --begin;
    for (size_t i = begin; InSentence(i, mention); ++i) {
      if (IsImageWord(words_[i].text) ||
          words_[i].is_one_of({"there", "see", "seen", "shows", "shown", "visible", "contains",
                               "depicts", "features", "includes", "detect", "spot"})) {
        return true;
      }
    }
    // A list or a count alone: "Two dogs and a cat." But not: "Dogs are loyal."
    if (mention.bare && !mention.quantity.counts()) return false;
    const size_t first = words_[begin].is_one_of({"yes", "no"}) ? begin + 1 : begin;
    return !HasVerb(begin, mention) && first <= mention.phrase_begin;
  }

  bool HasVerb(size_t begin, const ObjectMention& mention) const {
    for (size_t i = begin; InSentence(i, mention); ++i) {
      if (words_[i].is_one_of({"is", "are", "was", "were", "has", "have", "can", "will", "do",
                               "does", "need", "needs", "like", "likes", "eat", "eats", "use"})) {
        return true;
      }
    }
    return false;
  }

  // Whether what follows the noun says which of its kind are meant.
  bool IsNarrowed(const ObjectMention& mention) const {
    for (size_t i = mention.end; InSentence(i, mention); ++i) {
      const AnswerWord& word = words_[i];
      if (word.before == ':' || word.before == ',') return false;
      if (word.text == "in") {
        if (NamesWhole(i + 1)) continue;
        return true;
      }
      if (word.is_one_of({"on",     "at",    "near",   "by",      "beside",  "behind", "under",
                          "above",  "below", "next",   "with",    "without", "that",   "which",
                          "who",    "whose", "of",     "between", "among",   "inside", "outside",
                          "around", "along", "left",   "right",   "over",    "to",     "from",
                          "like",   "off",   "against"}) ||
          (word.text.size() > 4 && absl::EndsWith(word.text, "ing"))) {
        return true;
      }
    }
    return false;
  }

  // "the image", "this picture", "image 2", "total", "all" at words[at].
  bool NamesWhole(size_t at) const {
    for (size_t i = at; i < words_.size() && i < at + 3; ++i) {
      if (IsImageWord(words_[i].text) || words_[i].is_one_of({"total", "all", "it"})) return true;
    }
    return false;
  }

  // A number that stands after the noun.
  struct NumberAfter {
    int number = 0;
    size_t begin = 0;  // of the words that say it, the noun included
    size_t end = 0;
  };

  // "The number of dogs is 3", "dogs: 3".
  std::optional<NumberAfter> FindNumberAfter(const ObjectMention& mention) const {
    size_t begin = mention.phrase_begin;
    size_t at = mention.end;
    if (begin >= 2 && words_[begin - 1].text == "of" &&
        words_[begin - 2].is_one_of({"number", "count", "total"})) {
      begin -= 2;
      while (InSentence(at, mention) && !words_[at].is_one_of({"is", "are"})) ++at;
      ++at;
    } else if (!InSentence(at, mention) || words_[at].before != ':') {
      return std::nullopt;
    }
    if (!InSentence(at, mention)) return std::nullopt;
    const std::optional<int> number = NumberOf(words_[at]);
    // "Dogs: 2 in the image" counts them, "dogs: 2 puppies" does not.
    const bool alone = at + 1 == words_.size() || words_[at + 1].segment != words_[at].segment ||
                       words_[at + 1].is_one_of({"in", "on"});
    if (!number.has_value() || !alone) return std::nullopt;
    return NumberAfter{*number, begin, at + 1};
  }

  void AddNumber(const ObjectMention& mention, const NumberAfter& number) {
    Claim claim =
        ClaimOf(mention, number.number == 0 ? Claim::Kind::kNotThere : Claim::Kind::kThere);
    claim.quantity = {number.number, number.number};
    claim.start_byte = words_[number.begin].start_byte;
    claim.end_byte = words_[number.end - 1].end_byte;
    claims_.push_back(std::move(claim));
  }

  void AddExistence(const ObjectMention& mention) {
    Claim claim = ClaimOf(mention, Claim::Kind::kThere);
    const bool some_of_them = !mention.color.empty() || IsNarrowed(mention);
    if (mention.form == Form::kDenied) {
      // That there is no red one, or none on the couch, leaves others.
      if (mention.narrower || some_of_them) return;
      claim.kind = Claim::Kind::kNotThere;
    } else {
      claim.quantity = mention.quantity;
      if (mention.form == Form::kDefinite || some_of_them) claim.quantity.max = Quantity::kAny;
      // One thing in two pieces.
      if (mention.meaning.noun == "scissors" || mention.meaning.noun == "skis") {
        claim.quantity = {};
      }
    }
    claims_.push_back(std::move(claim));
  }

  // "a red car", "the car is red".
  void AddColor(const ObjectMention& mention) {
    if (mention.form == Form::kDenied) return;
    Claim claim = ClaimOf(mention, Claim::Kind::kColor);
    claim.color = mention.color;
    const size_t verb = mention.end;
    if (claim.color.empty() && InSentence(verb + 1, mention) &&
        words_[verb].is_one_of({"is", "are"}) && words_[verb + 1].segment == words_[verb].segment) {
      const size_t color = verb + 1;
      claim.color = BasicColorTerm(words_[color].text);
      claim.end_byte = words_[color].end_byte;
      // "is red and white", "is white or grey"
      if (InSentence(color + 1, mention) && words_[color + 1].is_one_of({"and", "or"})) return;
    }
    if (!claim.color.empty()) claims_.push_back(std::move(claim));
  }

  // The mention that a place is told of: the last one before it in its sentence, else the first
  // one after it. Null: none, or one of which nothing is claimed.
  const ObjectMention* SubjectOf(const PlacePhrase& place) const {
    const ObjectMention* subject = nullptr;
    for (const ObjectMention& mention : mentions_) {
      if (!InSentence(place.begin, mention)) continue;
      if (mention.end <= place.begin) {
        subject = &mention;
      } else if (subject == nullptr && !place.to_another) {
        subject = &mention;
        break;
      }
    }
    if (subject == nullptr || subject->hedged || subject->in_question ||
        subject->form == Form::kDenied) {
      return nullptr;
    }
    return subject;
  }

  // "left of the dog": the dog. Null: the place is told by something else.
  const ObjectMention* ReferenceOf(const PlacePhrase& place) const {
    for (const ObjectMention& mention : mentions_) {
      if (mention.phrase_begin == place.end && InSentence(place.begin, mention)) return &mention;
    }
    return nullptr;
  }

  void AddPlaces() {
    for (const PlacePhrase& place : FindPlaces(words_)) {
      const ObjectMention* subject = SubjectOf(place);
      if (subject == nullptr) continue;
      Claim claim = ClaimOf(*subject, Claim::Kind::kPlace);
      claim.place = place.place;
      claim.start_byte = std::min(claim.start_byte, words_[place.begin].start_byte);
      claim.end_byte = std::max(claim.end_byte, words_[place.end - 1].end_byte);
      if (place.to_another) {
        const ObjectMention* reference = ReferenceOf(place);
        if (reference == nullptr || reference->form == Form::kDenied) continue;
        claim.kind = Claim::Kind::kRelation;
        claim.reference = reference->meaning;
        claim.end_byte = words_[reference->end - 1].end_byte;
      }
      claims_.push_back(std::move(claim));
    }
  }

  const std::vector<AnswerWord> words_;
  const std::vector<ObjectMention> mentions_;
  std::vector<Claim> claims_;
};

}  // namespace

std::vector<Claim> FindClaims(std::string_view answer, const ClassWords& class_words,
                              int image_count) {
  return ClaimReader(answer, class_words, image_count).Read();
}

}  // namespace mrmllm
