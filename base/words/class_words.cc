// SPDX-License-Identifier: Apache-2.0
#include "base/words/class_words.h"

#include <algorithm>

#include "absl/strings/str_join.h"

#include "base/words/class_nouns.h"
#include "base/words/question_words.h"

namespace mrmllm {
namespace {

struct Synonyms {
  const char* label;
  std::vector<std::string> equal;  // a fact may use the word itself
  std::vector<std::string>
      narrower;  // a fact speaks of the class, as the detector cannot tell more
};

const std::vector<Synonyms>& KnownSynonyms() {
  static const auto& known = *new std::vector<Synonyms>{
      {"person",
       {"human"},
       {"persons", "someone", "somebody", "anyone", "anybody", "gentleman", "man", "woman", "boy",
        "girl", "child", "kid", "guy", "lady", "baby", "player", "rider", "pedestrian", "adult"}},
      {"bicycle", {"bike"}, {}},
      {"motorcycle", {"motorbike"}, {"scooter", "moped"}},
      {"car", {"automobile"}, {"taxi", "cab", "sedan", "suv"}},
      {"airplane", {"plane", "aeroplane", "aircraft"}, {"jet"}},
      {"boat", {}, {"ship", "sailboat", "canoe", "kayak", "yacht"}},
      {"truck", {"lorry"}, {"pickup"}},
      {"traffic light", {"stoplight", "traffic signal"}, {}},
      {"fire hydrant", {"hydrant"}, {}},
      {"cat", {}, {"kitten", "kitty"}},
      {"dog", {}, {"puppy", "doggy", "doggie"}},
      {"horse", {}, {"pony"}},
      {"sheep", {}, {"lamb"}},
      {"cow", {}, {"bull", "calf", "ox", "cattle"}},
      {"backpack", {"rucksack"}, {}},
      {"handbag", {"purse"}, {}},
      {"tie", {"necktie"}, {}},
      {"suitcase", {"luggage"}, {}},
      {"skis", {"ski"}, {}},
      {"sports ball", {"ball"}, {"football", "soccer ball", "basketball", "baseball"}},
      {"tennis racket", {"racket", "tennis racquet", "racquet"}, {}},
      {"wine glass", {"wineglass"}, {}},
      {"cup", {}, {"mug"}},
      {"donut", {"doughnut"}, {}},
      {"couch", {"sofa"}, {}},
      {"potted plant", {"houseplant", "plant"}, {}},
      {"dining table", {"table"}, {"desk"}},
      {"tv", {"television", "television set", "tv set"}, {"monitor"}},
      {"laptop", {"notebook computer", "laptop computer"}, {}},
      {"remote", {"remote control"}, {}},
      {"mouse", {"computer mouse"}, {}},
      {"cell phone", {"cellphone", "mobile phone", "phone", "mobile"}, {"smartphone"}},
      {"microwave", {"microwave oven"}, {}},
      {"refrigerator", {"fridge"}, {}},
      {"hair drier", {"hair dryer", "hairdryer"}, {}},
      {"teddy bear", {"teddy"}, {}},
  };
  return known;
}

struct Group {
  const char* noun;
  std::vector<std::string> labels;
  std::vector<std::string> equal = {};  // other words for the same group
};

const std::vector<Group>& KnownGroups() {
  static const auto& known = *new std::vector<Group>{
      {"animal",
       {"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"},
       {"creature"}},
      {"pet", {"cat", "dog"}},
      {"vehicle", {"bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"}},
      {"food",
       {"banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut",
        "cake"},
       {"foods"}},
      {"fruit", {"banana", "apple", "orange"}, {"fruits"}},
      {"appliance", {"microwave", "oven", "toaster", "refrigerator"}},
      {"electronic device",
       {"tv", "laptop", "mouse", "remote", "keyboard", "cell phone"},
       {"electronics", "device", "gadget"}},
      {"vegetable", {"broccoli", "carrot"}},
      {"furniture", {"chair", "couch", "bed", "dining table", "bench"}},
      {"cutlery", {"fork", "knife", "spoon"}},
      {"bag", {"backpack", "handbag", "suitcase"}},
  };
  return known;
}

}  // namespace

ClassWords::ClassWords(const std::vector<std::string>& labels) {
  const auto known = [&](const std::string& label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  };
  for (const std::string& label : labels) Add(label, {label, {label}});
  for (const Synonyms& synonyms : KnownSynonyms()) {
    if (!known(synonyms.label)) continue;
    for (const std::string& word : synonyms.equal) Add(word, {word, {synonyms.label}});
    for (const std::string& word : synonyms.narrower) {
      Add(word, {synonyms.label, {synonyms.label}});
    }
  }
  for (const Group& group : KnownGroups()) {
    ClassMeaning meaning{group.noun, {}, true};
    std::copy_if(group.labels.begin(), group.labels.end(), std::back_inserter(meaning.labels),
                 known);
    if (meaning.labels.empty()) continue;
    Add(group.noun, meaning);
    for (const std::string& word : group.equal) Add(word, meaning);
  }
}

void ClassWords::Add(const std::string& phrase, const ClassMeaning& meaning) {
  if (!meanings_.contains(phrase)) phrases_.push_back({phrase, meaning});
  for (const std::string& form : {phrase, PluralOf(phrase)}) {
    const std::vector<std::string> words = WordsOf(form);
    max_words_ = std::max(max_words_, words.size());
    // The first meaning stays: a label is not overruled by a synonym of another.
    meanings_.try_emplace(absl::StrJoin(words, " "), meaning);
  }
}

std::vector<ClassMention> ClassWords::MentionsIn(const std::vector<std::string>& words) const {
  std::vector<ClassMention> found;
  for (size_t begin = 0; begin < words.size();) {
    size_t length = std::min(max_words_, words.size() - begin);
    const ClassMeaning* meaning = nullptr;
    for (; length > 0; --length) {
      const auto entry =
          meanings_.find(absl::StrJoin(words.begin() + begin, words.begin() + begin + length, " "));
      if (entry != meanings_.end()) meaning = &entry->second;
      if (meaning != nullptr) break;
    }
    if (meaning != nullptr) found.push_back({*meaning, begin, begin + length});
    begin += std::max<size_t>(length, 1);
  }
  return found;
}

std::vector<ClassMeaning> ClassWords::FindIn(std::string_view question) const {
  std::vector<ClassMeaning> found;
  for (const ClassMention& mention : MentionsIn(WordsOf(question))) {
    if (std::none_of(found.begin(), found.end(), [&](const ClassMeaning& other) {
          return other.noun == mention.meaning.noun;
        })) {
      found.push_back(mention.meaning);
    }
  }
  return found;
}

}  // namespace mrmllm
