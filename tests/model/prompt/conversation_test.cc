// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/conversation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using Role = Turn::Role;

TEST(ConversationTest, PutsTheInstructionFirstAndThePerceptionBeforeTheQuestion) {
  EXPECT_THAT(
      ComposeConversation({{}, "A dog?", "There is 1 dog.\n", "Answer."}),
      ElementsAre(Turn{Role::kSystem, "Answer."}, Turn{Role::kUser, "There is 1 dog.\nA dog?"}));
}

TEST(ConversationTest, KeepsTheCallersInstructionAndTurns) {
  const std::vector<Turn> turns = {{Role::kSystem, "Be rude."}, {Role::kUser, "Hi"}};
  EXPECT_THAT(ComposeConversation({turns, "A dog?", "Yes.\n", "Answer."}),
              ElementsAre(turns[0], turns[1], Turn{Role::kUser, "Yes.\nA dog?"}));
}

TEST(ConversationTest, GivesNoInstructionWithoutPerception) {
  EXPECT_THAT(ComposeConversation({{}, "A dog?", "", "Answer."}),
              ElementsAre(Turn{Role::kUser, "A dog?"}));
}

}  // namespace
}  // namespace mrmllm
