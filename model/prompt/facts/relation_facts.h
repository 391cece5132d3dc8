// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_RELATION_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_RELATION_FACTS_H_

#include <string>

#include "model/prompt/facts/scene_objects.h"
#include "model/prompt/question/asked_question.h"

namespace mrmllm {

// How `object` lies to `reference`: by the centers of the boxes, kNextTo by the gap between them.
bool LiesTo(Direction direction, const NormalizedBox& object, const NormalizedBox& reference);

// How the objects lie to each other that a question of kind kRelation names. Of several reference
// objects the largest counts.
//
//   Yes, the dog is to the left of the cat.              No, the dog is to the right of the cat.
//   Yes, 1 of the 2 dogs is to the left of the cat.      There are 2 dogs to the left of the cat.
//   The dog is above and to the left of the cat.         (no direction asked)
//   There is 1 chair to the left of the dog.             (no subject asked)
//   There is no cat in the image.
std::string RelationFact(const AskedQuestion& question, const FactScene& scene);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_RELATION_FACTS_H_
