// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_SIZE_FACTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_SIZE_FACTS_H_

#include <string>

#include "model/prompt/facts/scene_objects.h"
#include "model/prompt/question/asked_question.h"

namespace mrmllm {

// Sizes in the image, which is all that boxes tell, for a question of kind kSize. Of several
// objects of a class the largest is compared.
//
//   The dog is bigger than the cat.                    No, the dog is smaller than the cat.
//   The dog and the cat are about the same size.       The biggest object in the image is the dog.
//   The smallest dog is on the left of the image.      The dog covers 12% of the image.
std::string SizeFact(const AskedQuestion& question, const FactScene& scene);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_SIZE_FACTS_H_
