// SPDX-License-Identifier: Apache-2.0
#include "model/training/training_example.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(TrainingExampleTest, CanBeReadByAPerson) {
  using Role = Turn::Role;
  const TrainingExample example{{{Role::kSystem, "Be brief."},
                                 {Role::kUser, "A cat?"},
                                 {Role::kAssistant, "No."},
                                 {Role::kUser, "A dog?"}},
                                "Yes."};
  EXPECT_EQ(ExampleText(example),
            "[system] Be brief.\n[user] A cat?\n[assistant] No.\n[user] A dog?\n[answer] Yes.\n");
}

}  // namespace
}  // namespace mrmllm
