// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_WORDS_CLASS_WORDS_H_
#define MRMLLM_BASE_WORDS_CLASS_WORDS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace mrmllm {

// What a word of a question means in terms of the detector's classes.
struct ClassMeaning {
  std::string
      noun;  // the singular to speak of: a class name, an equal word ("sofa") or a group ("animal")
  std::vector<std::string> labels;  // the classes that count as it; not empty
  bool is_group = false;            // a hypernym of several classes

  bool operator==(const ClassMeaning&) const = default;
};

// A place in a question that means classes: its words [begin, end).
struct ClassMention {
  ClassMeaning meaning;
  size_t begin = 0;
  size_t end = 0;
};

// A word or phrase, lower-case and in the singular, that ClassWords knows.
struct KnownPhrase {
  std::string phrase;
  ClassMeaning meaning;
};

// Finds the detector's classes in a question: by name, plural, everyday synonym ("sofa": couch),
// narrower word ("woman": person) and hypernym ("animal": every animal that the detector knows).
//
//   ClassWords words(labels);
//   for (const ClassMeaning& meaning : words.FindIn("Are there any dogs or sofas?")) ...
//
// Thread-safety: immutable after construction; any thread.
// Ownership: owns its tables.
// Errors: none; words for classes that are not among the labels are not known.
class ClassWords {
 public:
  explicit ClassWords(const std::vector<std::string>& labels);

  // The meanings in order of first appearance, each noun once. The longest phrase counts: "hot dog"
  // is no dog.
  std::vector<ClassMeaning> FindIn(std::string_view question) const;

  // Every mention in order, also of the same noun again. `words`: of WordsOf (question_words.h).
  std::vector<ClassMention> MentionsIn(const std::vector<std::string>& words) const;

  // Everything that is found, in a fixed order.
  const std::vector<KnownPhrase>& phrases() const { return phrases_; }

 private:
  void Add(const std::string& phrase, const ClassMeaning& meaning);

  absl::flat_hash_map<std::string, ClassMeaning>
      meanings_;  // by lower-case phrase, singular and plural
  std::vector<KnownPhrase> phrases_;
  size_t max_words_ = 1;  // of a phrase
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_WORDS_CLASS_WORDS_H_
