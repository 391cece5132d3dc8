// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/grounding.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "base/words/class_nouns.h"
#include "server/rpc/reply/reading/object_mentions.h"

namespace mrmllm {
namespace {

// A run of words that may name objects, and which.
struct Name {
  size_t begin = 0;
  size_t end = 0;
  std::vector<std::string> labels;  // either these classes ...
  std::string finer_label;          // ... or this finer name
  std::optional<int> image;         // absent: all
  int most = Quantity::kAny;        // of one image
  bool denied = false;

  bool is_of(const Detection& detection) const {
    return finer_label.empty() ? std::ranges::find(labels, detection.label) != labels.end()
                               : detection.finer_label == finer_label;
  }
};

std::vector<Name> ClassNames(const std::vector<AnswerWord>& words, const ClassWords& class_words,
                             int image_count) {
  std::vector<Name> names;
  for (const ObjectMention& mention : FindObjectMentions(words, class_words, image_count)) {
    names.push_back({.begin = mention.begin,
                     .end = mention.end,
                     .labels = mention.meaning.labels,
                     .image = mention.image,
                     .most = mention.quantity.max,
                     .denied = mention.form == ObjectMention::Form::kDenied});
  }
  return names;
}

// Every place of one finer name, in either number.
void AddFinerNames(const std::vector<AnswerWord>& words, const std::string& finer_label,
                   std::vector<Name>* names) {
  const std::string lower = absl::AsciiStrToLower(finer_label);
  for (const std::string& form : {lower, PluralOf(lower)}) {
    const std::vector<std::string> phrase =
        absl::StrSplit(form, absl::ByAnyChar(" -"), absl::SkipEmpty());
    for (size_t at = 0; at + phrase.size() <= words.size() && !phrase.empty(); ++at) {
      size_t length = 0;
      while (length < phrase.size() && words[at + length].text == phrase[length] &&
             words[at + length].segment == words[at].segment) {
        ++length;
      }
      if (length == phrase.size()) {
        names->push_back({.begin = at, .end = at + length, .finer_label = finer_label});
      }
    }
  }
}

// In the order of the text; of those that overlap the one that starts first, then the longest.
std::vector<Name> WithoutOverlaps(std::vector<Name> names) {
  std::ranges::stable_sort(names, [](const Name& a, const Name& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Name> kept;
  for (Name& name : names) {
    if (kept.empty() || name.begin >= kept.back().end) kept.push_back(std::move(name));
  }
  return kept;
}

std::vector<int> Bearers(const Name& name, const std::vector<Detection>& detections) {
  std::vector<int> ids;
  for (int i = 0; i < static_cast<int>(detections.size()); ++i) {
    if (static_cast<int>(ids.size()) == name.most) break;
    if (name.is_of(detections[i])) ids.push_back(i);
  }
  return ids;
}

}  // namespace

std::vector<Grounding> GroundAnswer(std::string_view answer, const ClassWords& class_words,
                                    absl::Span<const std::vector<Detection>> images) {
  const std::vector<AnswerWord> words = WordsOfAnswer(answer);
  const int image_count = static_cast<int>(images.size());
  std::vector<Name> names = ClassNames(words, class_words, image_count);
  std::set<std::string> finer_labels;
  for (const std::vector<Detection>& detections : images) {
    for (const Detection& detection : detections) finer_labels.insert(detection.finer_label);
  }
  finer_labels.erase("");
  for (const std::string& label : finer_labels) AddFinerNames(words, label, &names);

  std::vector<Grounding> places;
  for (const Name& name : WithoutOverlaps(std::move(names))) {
    if (name.denied) continue;
    for (int image = 0; image < image_count; ++image) {
      if (name.image.value_or(image) != image) continue;
      std::vector<int> ids = Bearers(name, images[image]);
      if (ids.empty()) continue;
      places.push_back(
          {words[name.begin].start_byte, words[name.end - 1].end_byte, image, std::move(ids)});
    }
  }
  return places;
}

}  // namespace mrmllm
