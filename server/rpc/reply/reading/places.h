// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_PLACES_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_PLACES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "base/detection.h"
#include "server/rpc/reply/reading/answer_words.h"

namespace mrmllm {

// Where something is in the image, or to something else: steps to the right and down, each -1, 0 or
// 1; absent: not said.
struct Place {
  std::optional<int> column;  // -1: left
  std::optional<int> row;     // -1: top, above

  bool operator==(const Place&) const = default;
};

// A place that an answer names, as its words [begin, end).
struct PlacePhrase {
  Place place;
  bool to_another = false;  // "left of the dog": to the object that is named next
  size_t begin = 0;
  size_t end = 0;
};

// "on the left", "in the top right corner of the image", "at the bottom", "in the middle"; "to the
// left of", "above", "below" something else. Not parts of things ("in the right hand", "on the left
// side of the couch"), and not what is denied ("not on the left").
std::vector<PlacePhrase> FindPlaces(const std::vector<AnswerWord>& words);

// Whether a box can be said to be there. Generous: the halves of the image, and for its middle all
// but a margin, so that only plain contradictions fail.
bool LiesAt(const NormalizedBox& box, const Place& place);

// Whether a box can be said to lie so to another, by their centers.
bool LiesTo(const NormalizedBox& box, const Place& direction, const NormalizedBox& other);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_PLACES_H_
