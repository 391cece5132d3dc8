// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_READING_CLAIMS_H_
#define MRMLLM_SERVER_RPC_REPLY_READING_CLAIMS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/words/class_words.h"
#include "server/rpc/reply/reading/places.h"
#include "server/rpc/reply/reading/quantity.h"

namespace mrmllm {

// Something that an answer says of the objects in the images, which boxes can contradict.
struct Claim {
  enum class Kind {
    kThere,     // there are as many as `quantity` says
    kNotThere,  // there is none
    kPlace,     // one is at `place`
    kRelation,  // one lies in the direction of `place` from one of `reference`
    kColor,     // one has `color`
  };

  Kind kind = Kind::kThere;
  ClassMeaning meaning;
  bool narrower = false;  // the word means less than its class: of women there may be fewer than of
                          // people
  std::optional<int> image;  // absent: the answer does not say which
  Quantity quantity;
  Place place;
  ClassMeaning reference;
  std::string color;
  int start_byte = 0;
  int end_byte = 0;  // one past the last
};

// The claims of an answer about classes of objects, in the order of the text. Only what is said of
// these images counts: not what is hedged ("there may be"), asked, supposed or told of a kind in
// general ("dogs are loyal"). What narrows a number down ("two dogs on the couch") leaves open that
// there are more.
std::vector<Claim> FindClaims(std::string_view answer, const ClassWords& class_words,
                              int image_count);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_READING_CLAIMS_H_
