// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_DRAWN_QUESTION_H_
#define MRMLLM_MODEL_TRAINING_SCENES_DRAWN_QUESTION_H_

#include <string>

#include "model/prompt/question/asked_question.h"
#include "model/training/scenes/answer_wording.h"
#include "model/training/scenes/drawn_noun.h"
#include "model/training/scenes/random.h"

namespace mrmllm {

// A question with what it means.
struct DrawnQuestion {
  std::string text;
  AskedQuestion meaning;
  Verdict verdict = Verdict::kNone;
  // Where it is not the facts of `meaning` that answer: the answer itself, or what cannot be told.
  std::string answer;
  std::string untellable;
};

// A question of the kind in one of its many wordings, mostly about what is in the images, often
// about what is not. `kind`: not kOther, whose place is taken by kUntellable.
DrawnQuestion DrawQuestion(QuestionKind kind, const QuestionSubjects& subjects, Random& random);

// A question for a presence or a number, in few words, that follows another with `meaning`.
DrawnQuestion DrawFollowUp(const AskedQuestion& meaning, const QuestionSubjects& subjects,
                           Random& random);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_DRAWN_QUESTION_H_
