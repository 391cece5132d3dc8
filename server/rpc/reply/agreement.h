// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REPLY_AGREEMENT_H_
#define MRMLLM_SERVER_RPC_REPLY_AGREEMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"

namespace mrmllm {

class ClassWords;

// What an answer and the boxes disagree about.
enum class ConflictKind {
  kCount,    // another number than there are boxes
  kAbsent,   // an object that no box shows
  kPresent,  // none of an object that a sure box shows
  kPlace,    // an object where its boxes are not
  kColor,    // another color than its boxes have
};

// "count", "absent", "present", "place", "color".
inline std::string_view ConflictName(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kCount:
      return "count";
    case ConflictKind::kAbsent:
      return "absent";
    case ConflictKind::kPresent:
      return "present";
    case ConflictKind::kPlace:
      return "place";
    case ConflictKind::kColor:
      return "color";
  }
  return "unknown";
}

// A claim of an answer that the boxes contradict.
struct Conflict {
  ConflictKind kind = ConflictKind::kCount;
  int start_byte = 0;
  int end_byte = 0;  // one past the last
  int image_index = 0;
  std::string label;               // the class, or the word for several of them: "animal"
  int claimed_count = 0;           // at least 1 for kAbsent, 0 for kPresent
  int found_count = 0;             // sure boxes
  std::vector<int> detection_ids;  // of the boxes of these classes that the reply has, rising

  bool operator==(const Conflict&) const = default;
};

// How far an answer and the boxes agree.
struct Agreement {
  float score = 1;  // share of the claims that the boxes bear out, [0, 1]; 1: it claims nothing
  int claim_count = 0;
  std::vector<Conflict> conflicts;  // in the order of the text
};

// An object that the answer can be held against.
struct SeenObject {
  const Detection* detection = nullptr;
  int id = -1;  // its position in the reply's detections; -1: the reply leaves it out
};
using SeenObjects = std::vector<SeenObject>;  // of one image, best score first

// Holds the claims of `answer` (claims.h) against what was seen, sure objects and unsure ones: a
// count is borne out if it lies between the sure ones and all of them, an object is there if any
// box shows it, and is denied in the face of sure boxes only. A place or a color is in conflict if
// no box of the class has it; where the boxes cannot tell, it is no claim. Where the answer names
// no image, any of several may bear it out.
//
// Errors: none; any bytes may come.
Agreement CheckAgreement(std::string_view answer, const ClassWords& class_words,
                         absl::Span<const SeenObjects> images);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REPLY_AGREEMENT_H_
