// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PROMPT_PERCEPTION_PROMPT_H_
#define MRMLLM_MODEL_PROMPT_PERCEPTION_PROMPT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "base/words/class_words.h"
#include "model/config.h"
#include "model/prompt/scene_summary.h"
#include "model/text/tokenizer.h"

namespace mrmllm {

// What a question's perception prompt is made from.
struct PerceptionPromptInput {
  absl::Span<const absl::Span<const Detection>>
      images;  // the detections of each image, in the order of the question's images
  std::string question;
};

// The perception-embedded prompt, T' = prompt(T, detections): puts what the detector saw into words
// that go before the question in the user's turn.
//
//   There is 1 dog in the image.            <- a fact about a class that the question names
//   (facts/question_facts.h) The image shows 1 dog and 1 chair. Unsure: cat. chair x1: left 12,40
//   8% dog x1 (golden retriever 0.83): center 50,52 30% What about the dog?                     <-
//   the question, not part of the result
//
// Only the facts are told where they answer the question: whether something is there, and how many.
// With several images each has its own section ("Image 1 shows ..."). The text is cut to
// `max_perception_tokens`: first boxes are left out, then unsure classes, then the smaller classes,
// and facts last.
//
// Thread-safety: immutable after construction; any thread.
// Ownership: shares the tokenizer.
// Errors: none. Labels are plain text to the tokenizer as the question is.
class PerceptionPrompt {
 public:
  // `labels`: every class that the detector knows, for facts about what is not there.
  PerceptionPrompt(PromptConfig config, const std::vector<std::string>& labels,
                   std::shared_ptr<const Tokenizer> tokenizer);

  // The text, ending in a line break; empty if there are no images or nothing fits the budget.
  std::string Compose(const PerceptionPromptInput& input) const;

 private:
  // How much is said: each step of Compose's cutting lowers one of these.
  struct Detail {
    int boxes;
    bool unsure;
    int classes;
    size_t facts;
  };
  using Scene = std::vector<ClassObjects>;
  std::string Write(const std::vector<Scene>& scenes, const std::vector<std::string>& facts,
                    const Detail& detail) const;
  bool Fits(const std::string& text) const;

  PromptConfig config_;
  ClassWords class_words_;
  std::shared_ptr<const Tokenizer> tokenizer_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PROMPT_PERCEPTION_PROMPT_H_
