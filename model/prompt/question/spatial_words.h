// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_QUESTION_SPATIAL_WORDS_H_
#define MRMLLM_MODEL_PROMPT_QUESTION_SPATIAL_WORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"

#include "base/words/class_words.h"

namespace mrmllm {

// How one object lies to another; by the centers of their boxes, kNextTo by the gap between them.
enum class Direction { kLeftOf, kRightOf, kAbove, kBelow, kNextTo };

// "Is the dog to the left of the cat?": subject dog, reference cat, kLeftOf.
struct SpatialRelation {
  // Empty where the question leaves it open: "Where is the dog relative to the cat?", "Is the dog
  // to the left or to the right of the cat?"
  std::optional<Direction> direction;
  std::optional<ClassMeaning> subject;  // empty: "What is to the left of the cat?"
  ClassMeaning reference;
};

// Whether the question offers opposite sides to choose from: "on the left or on the right".
bool OffersSides(const std::vector<std::string>& words);

// The relation between objects that a question speaks of; nullopt if it speaks of none. `words` and
// `mentions` as ClassWords::MentionsIn takes and gives them.
std::optional<SpatialRelation> FindRelation(const std::vector<std::string>& words,
                                            absl::Span<const ClassMention> mentions);

// A part of the image, on the 3 x 3 grid of PlaceOf: row and column are -1, 0 or 1 from the top and
// from the left; an empty one may be any.
struct ImageRegion {
  std::optional<int> row;
  std::optional<int> column;
  std::string phrase;  // "on the left", "in the top right"

  bool operator==(const ImageRegion&) const = default;
};

// The part of the image that a question speaks of ("on the left", "the upper right corner").
std::optional<ImageRegion> FindRegion(const std::vector<std::string>& words);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_QUESTION_SPATIAL_WORDS_H_
