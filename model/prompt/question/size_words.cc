// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/size_words.h"

#include <string_view>

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

using Measure = SizeQuestion::Measure;
using Form = SizeQuestion::Form;

struct SizeWord {
  std::string_view phrase;
  SizeQuestion::Measure measure;
  SizeQuestion::Form form;
  bool larger;
  std::string_view adjective;
  std::string_view opposite;
};

constexpr SizeWord kSizeWords[] = {
    {"bigger", Measure::kArea, Form::kComparative, true, "bigger", "smaller"},
    {"larger", Measure::kArea, Form::kComparative, true, "larger", "smaller"},
    {"more space", Measure::kArea, Form::kComparative, true, "larger", "smaller"},
    {"more room", Measure::kArea, Form::kComparative, true, "larger", "smaller"},
    {"smaller", Measure::kArea, Form::kComparative, false, "smaller", "larger"},
    {"tinier", Measure::kArea, Form::kComparative, false, "smaller", "larger"},
    {"less space", Measure::kArea, Form::kComparative, false, "smaller", "larger"},
    {"same size", Measure::kArea, Form::kComparative, true, "larger", "smaller"},
    {"taller", Measure::kHeight, Form::kComparative, true, "taller", "shorter"},
    {"shorter", Measure::kHeight, Form::kComparative, false, "shorter", "taller"},
    {"wider", Measure::kWidth, Form::kComparative, true, "wider", "narrower"},
    {"narrower", Measure::kWidth, Form::kComparative, false, "narrower", "wider"},
    {"biggest", Measure::kArea, Form::kSuperlative, true, "biggest", ""},
    {"largest", Measure::kArea, Form::kSuperlative, true, "largest", ""},
    {"most space", Measure::kArea, Form::kSuperlative, true, "largest", ""},
    {"most room", Measure::kArea, Form::kSuperlative, true, "largest", ""},
    {"smallest", Measure::kArea, Form::kSuperlative, false, "smallest", ""},
    {"tiniest", Measure::kArea, Form::kSuperlative, false, "smallest", ""},
    {"least space", Measure::kArea, Form::kSuperlative, false, "smallest", ""},
    {"tallest", Measure::kHeight, Form::kSuperlative, true, "tallest", ""},
    {"widest", Measure::kWidth, Form::kSuperlative, true, "widest", ""},
    {"how big", Measure::kArea, Form::kAmount, true, "", ""},
    {"how large", Measure::kArea, Form::kAmount, true, "", ""},
    {"how small", Measure::kArea, Form::kAmount, true, "", ""},
    {"what size", Measure::kArea, Form::kAmount, true, "", ""},
    {"the size of", Measure::kArea, Form::kAmount, true, "", ""},
};

}  // namespace

std::optional<SizeQuestion> FindSizeQuestion(const std::vector<std::string>& words) {
  for (const SizeWord& word : kSizeWords) {
    if (FindPhrase(words, word.phrase) == kNoPhrase) continue;
    return SizeQuestion{word.measure, word.form, word.larger, std::string(word.adjective),
                        std::string(word.opposite)};
  }
  return std::nullopt;
}

}  // namespace mrmllm
