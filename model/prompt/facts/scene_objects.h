// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_FACTS_SCENE_OBJECTS_H_
#define MRMLLM_MODEL_PROMPT_FACTS_SCENE_OBJECTS_H_

#include <string>
#include <vector>

#include "base/detection.h"
#include "base/words/class_words.h"
#include "model/prompt/scene_summary.h"

namespace mrmllm {

// The detections of one image, and how sentences speak of the image.
struct FactScene {
  const std::vector<ClassObjects>& classes;
  std::string where = "the image";  // or "image 2"
  std::string in_which;             // "" or " in image 2", after a noun
};

// What is sure of the classes that `asked` means; of `color` only, unless that is empty.
std::vector<const Detection*> SureObjects(const ClassMeaning& asked, const FactScene& scene,
                                          const std::string& color = "");

// Everything sure.
std::vector<const Detection*> SureObjects(const FactScene& scene);

// Whether there is anything unsure, and nothing sure, of what `asked` means.
bool MayBeThere(const ClassMeaning& asked, const FactScene& scene);

// "2 people and 1 chair", in the order of the scene's classes; empty for none.
std::string CountedObjects(const std::vector<const Detection*>& objects, const FactScene& scene);

// "There is 1 chair and 1 dog", "There are 2 people and 1 chair"; for none "There is no known
// object".
std::string ThereAre(const std::vector<const Detection*>& objects, const FactScene& scene);

// "the dog", or "the 3 dogs".
std::string TheObjects(size_t count, const std::string& noun);

// "is" of one, "are" of others.
std::string IsOrAre(size_t count);

// The fact with its first letter small, after "Yes, " or "No, ".
std::string WithVerdict(bool yes, std::string fact);

// `fact` with its first letter large.
std::string Capitalized(std::string fact);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_FACTS_SCENE_OBJECTS_H_
