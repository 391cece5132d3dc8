// SPDX-License-Identifier: Apache-2.0
#include "model/training/training_example.h"

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

const char* RoleName(Turn::Role role) {
  switch (role) {
    case Turn::Role::kSystem:
      return "system";
    case Turn::Role::kUser:
      return "user";
    case Turn::Role::kAssistant:
      return "assistant";
  }
  return "";
}

}  // namespace

std::string ExampleText(const TrainingExample& example) {
  std::string text;
  for (const Turn& turn : example.turns) {
    absl::StrAppend(&text, "[", RoleName(turn.role), "] ", turn.text, "\n");
  }
  return absl::StrCat(text, "[answer] ", example.answer, "\n");
}

}  // namespace mrmllm
