// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/untellable_topic.h"

#include "base/words/question_words.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(UntellableTopicTest, NamesTheTopic) {
  const auto topic = [](const char* question) { return FindUntellableTopic(WordsOf(question)); };
  EXPECT_EQ(topic("What is the weather like?")->words, "The weather");
  EXPECT_EQ(topic("Why is he here?")->words, "The reason");
  EXPECT_EQ(topic("What is the man holding?")->words, "holding");
  EXPECT_TRUE(topic("What is the man holding?")->is_action);
  EXPECT_FALSE(topic("What is this thing on the dining table?").has_value());
  EXPECT_FALSE(topic("Where is the dog?").has_value());
}

}  // namespace
}  // namespace mrmllm
