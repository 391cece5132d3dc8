// SPDX-License-Identifier: Apache-2.0
#include "model/training/supervised_sequence.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/text/small_tokenizer.h"
#include "tests/model/training/listed_examples.h"

namespace mrmllm {
namespace {

// A token is a byte; a rendered question is 3 tokens longer than itself.
class SequenceSourceTest : public testing::Test {
 protected:
  SequenceSource Source(ExampleSource* examples, int max_tokens = 100) {
    return {examples, &chat_, tokenizer_, kEndId, max_tokens};
  }

  std::shared_ptr<const Tokenizer> tokenizer_ = MakeTokenizer(SmallTokenizerJson());
  ChatTemplate chat_ =
      ChatTemplate::Create({.user = {"<|im_start|>", "<|im_end|>"}, .generation_prefix = "A"},
                           tokenizer_)
          .value();
};

std::vector<int> Lengths(const std::vector<SupervisedSequence>& sequences) {
  std::vector<int> lengths;
  for (const SupervisedSequence& sequence : sequences) lengths.push_back(sequence.length());
  return lengths;
}

TEST_F(SequenceSourceTest, LearnsTheAnswerAndItsEndAndNothingElse) {
  ListedExamples examples(ListedExamples::List{{"q", "yes"}});
  const std::vector<SupervisedSequence> sequences = Source(&examples).Next(1);
  ASSERT_EQ(sequences.size(), 1u);
  EXPECT_THAT(sequences[0].tokens,
              testing::ElementsAre(kStartId, ByteId('q'), kEndId, ByteId('A'), ByteId('y'),
                                   ByteId('e'), ByteId('s'), kEndId));
  EXPECT_EQ(sequences[0].answer_begin, 4);
  EXPECT_EQ(sequences[0].supervised(), 4);
  EXPECT_EQ(sequences[0].length(), 7);
}

TEST_F(SequenceSourceTest, FillsUpToTheBudgetAndKeepsWhatDoesNotFit) {
  ListedExamples examples(
      ListedExamples::List{{"", "1"}, {"", "22"}, {"", "333"}});  // lengths 4, 5, 6
  SequenceSource source = Source(&examples);
  EXPECT_THAT(Lengths(source.Next(10)), testing::ElementsAre(4, 5));
  EXPECT_EQ(source.drawn(), 2);
  EXPECT_THAT(Lengths(source.Next(10)), testing::ElementsAre(6, 4));
  EXPECT_THAT(Lengths(source.Next(2)), testing::ElementsAre(5)) << "at least one";
  EXPECT_EQ(source.drawn(), 5);
}

TEST_F(SequenceSourceTest, LeavesOutWhatIsTooLong) {
  ListedExamples examples(ListedExamples::List{{"", "1"}, {"", "much too long"}, {"", "22"}});
  SequenceSource source = Source(&examples, /*max_tokens=*/8);
  EXPECT_THAT(Lengths(source.Next(10)), testing::ElementsAre(4, 5));
  EXPECT_EQ(source.drawn(), 3);
  EXPECT_EQ(source.left_out(), 1);
}

TEST_F(SequenceSourceTest, GivesUpWhereEverythingIsTooLong) {
  ListedExamples examples(ListedExamples::List{{"", "much too long"}});
  EXPECT_TRUE(Source(&examples, /*max_tokens=*/8).Next(10).empty());
}

TEST_F(SequenceSourceTest, GoesOnWhereAnotherStopped) {
  const std::vector<std::pair<std::string, std::string>> list = {
      {"", "1"}, {"", "22"}, {"", "much too long"}, {"", "333"}, {"q", "4444"}};
  ListedExamples first(list);
  SequenceSource stopped = Source(&first, /*max_tokens=*/10);
  stopped.Next(12);
  stopped.Next(12);
  ListedExamples second(list);
  SequenceSource resumed = Source(&second, /*max_tokens=*/10);
  resumed.Skip(stopped.drawn(), stopped.left_out());
  for (int i = 0; i < 5; ++i) {
    const auto expected = stopped.Next(12);
    const auto actual = resumed.Next(12);
    ASSERT_EQ(Lengths(actual), Lengths(expected));
    EXPECT_EQ(actual[0].tokens, expected[0].tokens);
    EXPECT_EQ(resumed.drawn(), stopped.drawn());
    EXPECT_EQ(resumed.left_out(), stopped.left_out());
  }
}

}  // namespace
}  // namespace mrmllm
