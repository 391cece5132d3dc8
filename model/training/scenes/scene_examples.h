// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_SCENE_EXAMPLES_H_
#define MRMLLM_MODEL_TRAINING_SCENES_SCENE_EXAMPLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/words/class_words.h"
#include "model/config.h"
#include "model/prompt/perception_prompt.h"
#include "model/text/tokenizer.h"
#include "model/training/scenes/drawn_question.h"
#include "model/training/scenes/drawn_scene.h"
#include "model/training/scenes/random.h"
#include "model/training/training_example.h"

namespace mrmllm {

// Questions about made-up scenes, with the answers that the detections give: what is there, how
// many, where, how it lies and compares to other things, of what color and kind, what the image
// shows as a whole, and what it does not tell; and general questions that need no image. Some have
// two images, some an earlier question and answer.
//
//   SceneExamples examples(config, tokenizer, seed);
//   TrainingExample example = examples.Next();
//
// The prompt is composed as it is when serving (model/prompt). An answer says only what the prompt
// tells: a question whose wording the prompt does not answer is drawn again.
//
// Thread-safety: one thread. Ownership: shares the tokenizer. Errors: none.
class SceneExamples : public ExampleSource {
 public:
  // Of `config`: the detector's and the vision encoder's labels and thresholds, and the prompt with
  // its system text.
  SceneExamples(const ModelConfig& config, std::shared_ptr<const Tokenizer> tokenizer,
                uint64_t seed);

  TrainingExample Next() override;

 private:
  using Scenes = std::vector<std::vector<Detection>>;

  // nullopt if the prompt does not answer what was drawn.
  std::optional<TrainingExample> TryNext();
  std::vector<Turn> EarlierTurns(const DrawnQuestion& question, const QuestionSubjects& subjects);
  std::optional<std::string> AnswerTo(const DrawnQuestion& question,
                                      const QuestionSubjects& subjects,
                                      const std::string& perception);

  DetectorVocabulary vocabulary_;
  ClassWords class_words_;
  PerceptionPrompt prompt_;
  std::string system_;
  Random random_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_SCENE_EXAMPLES_H_
